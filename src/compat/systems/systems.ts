import type { CompatSystems } from '../compat.js';
import { mtxApp } from '../mtx/app.js';
import { sparkaApp } from '../sparka/app.js';
import { viewerApp } from '../viewer/app.js';

export const SYSTEMS: CompatSystems = {
  mtx: (deps) => mtxApp(deps),
  sparka: (deps) => sparkaApp(deps),
  viewer: viewerApp,
};
