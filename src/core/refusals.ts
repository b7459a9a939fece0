/** Why an engine does not serve a camera, as codes for programs. `docs/errors.md` lists the same; a test compares the two. */
export const ENGINE_REFUSALS = [
  'PATH_TAKEN',
  'ENGINE_REFUSED_NAME',
  'ENGINE_REFUSED_ADDRESS',
  'ENGINE_REFUSED_SETTING',
  'ENGINE_REFUSED_PATH',
  'ENGINE_REFUSED_TRACKS',
  'ENGINE_RTSP_OFF',
  'ENGINE_NO_RELAY',
] as const;

export type EngineRefusal = (typeof ENGINE_REFUSALS)[number];
