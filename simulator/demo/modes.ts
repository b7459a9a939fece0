import type { CameraMode } from '../../src/core/camera/camera.js';
import { cameraId } from '../../src/core/camera/cameraId.js';
import type { Fleet } from '../fleet.js';

/** Three cameras of each mode, so that their renewals can be compared; the others are on-demand. */
const MODES: Readonly<Record<string, CameraMode>> = {
  Gate: 'seamless',
  Yard: 'seamless',
  'Dock 1': 'seamless',
  Lobby: 'always-on',
  Garden: 'always-on',
  Roof: 'always-on',
};

/** Settings of the demo's cameras, by id, as `camlease.yml` would have them. */
export function demoModes(fleet: Fleet): Record<string, { mode: CameraMode }> {
  const settings: Record<string, { mode: CameraMode }> = {};
  for (const { name, account, serial, channel } of fleet.cameras()) {
    const mode = MODES[name];
    const vendor = fleet.accounts.find((one) => one.name === account)?.vendor;
    if (mode && vendor) settings[cameraId(vendor, serial, channel)] = { mode };
  }
  return settings;
}
