import type { CloudCall } from '../cloud/cloudServer.js';
import { Refusal } from '../cloud/fields.js';
import type { SimulatedCamera, SimulatedDevice } from '../fleet.js';

/** The device that a call names by `deviceSerial`; refuses a serial that is malformed, unknown or of another account. */
export function deviceOf({ world, account, fields }: CloudCall): SimulatedDevice {
  const serial = fields.requiredText('deviceSerial', 50);
  if (!/^[A-Z0-9]+$/.test(serial)) throw new Refusal('20014');
  const device = world.fleet.device(serial);
  if (!device || device.cameras.every(({ faults }) => faults.has('deleted'))) throw new Refusal('20002');
  if (!account.devices.includes(device)) throw new Refusal('20018');
  return device;
}

/** The camera that a call names by `deviceSerial` and `channelNo` (default 1). */
export function cameraOf(call: CloudCall): SimulatedCamera {
  const serial = call.fields.requiredText('deviceSerial', 50);
  const channel = call.fields.integerWithin('channelNo', 1, 10_000, 1);
  const known = call.world.fleet.cameraAt(`${serial}_${channel}`);
  if (known?.account === call.account.name) call.note({ camera: known.ref });
  const camera = deviceOf(call).cameras.find((each) => each.channel === channel);
  if (!camera) throw new Refusal('20001');
  if (camera.faults.has('deleted')) throw new Refusal('20002');
  return camera;
}
