// Made of the OpenAPI document by `npm run api-types`. Do not edit.

export interface paths {
  readonly '/api/hikvision/initialize': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: {
        readonly content: {
          readonly 'application/json': Record<string, never>;
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['InitializeReport'];
          };
        };
        readonly 202: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message: string;
              readonly pass: string;
              /** @constant */
              readonly state: 'running';
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 409: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 502: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/hikvision/renew': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: {
          readonly plan?: 'true' | 'false';
        };
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: {
        readonly content: {
          readonly 'application/json': components['schemas']['RenewRequest'];
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['RenewReport'] | components['schemas']['Plan'];
          };
        };
        readonly 202: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message: string;
              readonly pass: string;
              /** @constant */
              readonly state: 'running';
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/hikvision/status': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly count: number;
              readonly cameras: readonly {
                readonly _id: string;
                readonly name: string;
                readonly rtmpPath: string;
                readonly hikvisionDeviceSerial: string;
                readonly hikvisionResourceId: string;
                /** @enum {string} */
                readonly status: 'active' | 'inactive';
                /** Format: date-time */
                readonly updatedAt: string;
              }[];
            };
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/hikvision/camera/{id}/enable': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'application/json': components['schemas']['EnabledDevice'];
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message?: string;
              readonly camera: components['schemas']['Camera'];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly trace?: never;
  };
  readonly '/api/hikvision/camera/{id}/disable': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: {
        readonly content: {
          readonly 'application/json': Record<string, never>;
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message?: string;
              readonly camera: components['schemas']['Camera'];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly trace?: never;
  };
  readonly '/api/camera': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly limit?: number;
          readonly offset?: number;
          readonly search?: string;
          readonly health?: string;
          readonly includeAQI?: 'true' | 'false';
        };
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly cameras: readonly components['schemas']['Camera'][];
              readonly total: number;
              readonly health: {
                readonly [key: string]: number;
              };
              readonly healthOfAll: {
                readonly [key: string]: number;
              };
              readonly leftOut: readonly {
                readonly id: string;
                readonly message: string;
                readonly cure: string;
              }[];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'application/json': components['schemas']['NewCamera'] | components['schemas']['NewUrlCamera'];
          readonly 'multipart/form-data': components['schemas']['NewCamera'] | components['schemas']['NewUrlCamera'];
        };
      };
      readonly responses: {
        readonly 201: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message?: string;
              readonly camera: components['schemas']['Camera'];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 409: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 422: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/camera/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message?: string;
              readonly camera: components['schemas']['Camera'];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put: {
      readonly parameters: {
        readonly query?: {
          readonly plan?: 'true' | 'false';
        };
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'application/json': components['schemas']['CameraChange'];
          readonly 'multipart/form-data': components['schemas']['CameraChange'];
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json':
              | {
                  /** @constant */
                  readonly success: true;
                  readonly message?: string;
                  readonly camera: components['schemas']['Camera'];
                }
              | components['schemas']['Plan'];
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 409: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 422: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly post?: never;
    readonly delete: {
      readonly parameters: {
        readonly query?: {
          readonly plan?: 'true' | 'false';
        };
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json':
              | components['schemas']['Plan']
              | {
                  /** @constant */
                  readonly success: true;
                  readonly message?: string;
                };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/camera/{id}/events': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly limit?: number;
          readonly before?: string;
        };
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly events: readonly components['schemas']['LeaseEvent'][];
              readonly next: string | null;
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/events': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly camera?: string;
          readonly after?: string;
        };
        readonly header?: {
          readonly 'Last-Event-ID'?: string;
        };
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'text/event-stream': components['schemas']['LeaseEvent'];
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 503: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/outages': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly camera?: string;
          readonly account?: string;
          readonly from?: string;
          readonly to?: string;
          readonly limit?: number;
        };
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly outages: readonly components['schemas']['Outage'][];
              readonly total: number;
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/availability': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly camera?: string;
          readonly account?: string;
        };
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly subject:
                | (
                    | {
                        /** @constant */
                        readonly kind: 'camera';
                        readonly id: string;
                      }
                    | {
                        /** @constant */
                        readonly kind: 'account';
                        readonly name: string;
                      }
                  )
                | {
                    /** @constant */
                    readonly kind: 'all';
                  };
              /** Format: date-time */
              readonly at: string;
              readonly day: components['schemas']['Availability'];
              readonly week: components['schemas']['Availability'];
              readonly month: components['schemas']['Availability'];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 409: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/forecast': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Forecast'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/plan': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'application/json': components['schemas']['PlanRequest'];
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Plan'];
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/camera/{id}/live': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              /** Format: uri */
              readonly hlsUrl: string;
              /** Format: uri */
              readonly webrtcUrl: string;
              readonly notServed?: readonly ('hls' | 'webrtc')[];
              readonly plays: {
                readonly hls: {
                  readonly works: boolean | null;
                  readonly why: string | null;
                };
                readonly webrtc: {
                  readonly works: boolean | null;
                  readonly why: string | null;
                };
              };
              readonly trouble?: {
                readonly code: string;
                readonly message: string;
                readonly cure: string;
              };
              readonly cameraInfo: {
                readonly id: string;
                readonly name: string;
                readonly vendor: ('hikconnect' | 'ezviz') | null;
                readonly hikvisionDeviceSerial: string;
                readonly channel: number | null;
                /** @enum {string} */
                readonly status: 'active' | 'offline' | 'missing' | 'disabled';
                readonly quality: ('main' | 'sub') | null;
                readonly expiresAt: string | null;
                readonly proof: string | null;
                readonly location: string | null;
                readonly city: string | null;
                readonly image: string | null;
                readonly members: readonly string[];
              };
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 409: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json':
              | {
                  /** @constant */
                  readonly success: false;
                  readonly message?: string;
                  readonly error: {
                    /** @constant */
                    readonly code: 'CAMERA_NOT_LIVE';
                    readonly reason: string;
                    readonly message: string;
                    readonly cure: string;
                  };
                }
              | components['schemas']['Error'];
          };
        };
        readonly 503: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/camera/{id}/snapshot': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'image/jpeg': string;
          };
        };
        readonly 304: {
          headers: {
            readonly [name: string]: unknown;
          };
          content?: never;
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/camera/{id}/image': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'image/jpeg': string;
          };
        };
        readonly 304: {
          headers: {
            readonly [name: string]: unknown;
          };
          content?: never;
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'image/*': string;
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message?: string;
              readonly camera: components['schemas']['Camera'];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly post?: never;
    readonly delete: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message?: string;
              readonly camera: components['schemas']['Camera'];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/images/{file}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly file: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'image/jpeg': string;
          };
        };
        readonly 304: {
          headers: {
            readonly [name: string]: unknown;
          };
          content?: never;
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/camera/{id}/snapshots': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly day?: string;
        };
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly day: string | null;
              readonly snapshots: readonly {
                /** Format: date-time */
                readonly takenAt: string;
                readonly url: string;
                readonly bytes: number;
              }[];
              readonly days: readonly {
                readonly day: string;
                readonly count: number;
              }[];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/images/{id}/{file}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
          readonly file: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'image/jpeg': string;
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/snapshots/camera/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly date?: string;
          readonly from?: string;
          readonly to?: string;
        };
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': readonly {
              readonly _id: string;
              readonly cameraId: string;
              readonly imagePath: string;
              readonly url: string;
              /** Format: date-time */
              readonly createdAt: string;
            }[];
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/snapshots/camera/{id}/dates': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly cameraId: string;
              readonly dates: readonly {
                readonly date: string;
                readonly count: number;
              }[];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/snapshots/latest/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly image: {
                readonly filename: string;
                readonly url: string;
                readonly cameraId: string;
              };
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/snapshots/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: {
          readonly date?: string;
          readonly from?: string;
          readonly to?: string;
        };
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': readonly {
              readonly _id: string;
              readonly cameraId: string;
              readonly imagePath: string;
              readonly url: string;
              /** Format: date-time */
              readonly createdAt: string;
            }[];
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/alerts': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['AlertsReply'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/alerts/test': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: {
        readonly content: {
          readonly 'application/json': components['schemas']['AlertTest'];
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['AlertTestReply'];
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/maintenance': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['MaintenanceReply'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'application/json': components['schemas']['NewMaintenance'];
        };
      };
      readonly responses: {
        readonly 201: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['OneMaintenanceReply'];
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 409: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/maintenance/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post?: never;
    readonly delete: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['EndedMaintenanceReply'];
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/pass/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly pass: components['schemas']['Pass'];
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/account': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly accounts: readonly {
                readonly name: string;
                /** @enum {string} */
                readonly vendor: 'hikconnect' | 'ezviz';
                /** @enum {string} */
                readonly state: 'usable' | 'waiting' | 'refused';
                readonly usable: boolean;
                readonly failure: {
                  readonly code: string;
                  readonly message: string;
                  readonly cure: string;
                } | null;
                readonly queued: {
                  readonly renew: number;
                  readonly discover: number;
                  readonly capture: number;
                };
                readonly notes: readonly components['schemas']['AccountNote'][];
              }[];
              readonly total: number;
            };
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/account/try': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'application/json': components['schemas']['AccountKeys'];
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              /** @enum {string} */
              readonly vendor: 'hikconnect' | 'ezviz';
              readonly areaDomain: string;
              readonly cloudTime: string | null;
              readonly clockOffsetMs: number | null;
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 502: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/camera/import': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: {
          readonly plan?: 'true' | 'false';
        };
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'application/json': {
            readonly cameras: readonly components['schemas']['ImportEntry'][];
          };
          readonly 'text/csv': string;
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json':
              | components['schemas']['ImportReport']
              | {
                  /** @constant */
                  readonly success: true;
                  readonly rows: readonly {
                    readonly place: string;
                    readonly key: string | null;
                    /** @enum {string} */
                    readonly action: 'create' | 'change' | 'none' | 'refuse';
                    readonly changes: readonly string[];
                    readonly message: string | null;
                  }[];
                  readonly summary: {
                    readonly create: number;
                    readonly change: number;
                    readonly none: number;
                    readonly refuse: number;
                  };
                };
          };
        };
        readonly 202: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message: string;
              readonly pass: string;
              /** @constant */
              readonly state: 'running';
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/discovery/network': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: {
        readonly content: {
          readonly 'application/json': {
            readonly addresses?: readonly string[];
            readonly user?: string;
            readonly password?: string;
          };
        };
      };
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['NetworkReport'];
          };
        };
        readonly 202: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly message: string;
              readonly pass: string;
              /** @constant */
              readonly state: 'running';
            };
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/feed': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              readonly feeds: readonly components['schemas']['Feed'][];
              readonly total: number;
            };
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/openapi.json': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': Record<string, never>;
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/api/docs': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'text/html': string;
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/health': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              /** @constant */
              readonly success: true;
              /** @constant */
              readonly status: 'alive';
              readonly version: string;
            };
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/ready': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              readonly success: boolean;
              readonly ready: boolean;
              readonly parts: {
                readonly [key: string]: {
                  readonly ready: boolean;
                  readonly problem: string | null;
                  readonly note?: string;
                };
              };
              readonly running: readonly {
                /** @enum {string} */
                readonly job: 'initialize' | 'discover' | 'renew' | 'snapshot' | 'import' | 'network';
                readonly pass: string;
              }[];
              readonly error?: {
                readonly code: string;
                readonly message: string;
              };
            };
          };
        };
        readonly 503: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': {
              readonly success: boolean;
              readonly ready: boolean;
              readonly parts: {
                readonly [key: string]: {
                  readonly ready: boolean;
                  readonly problem: string | null;
                  readonly note?: string;
                };
              };
              readonly running: readonly {
                /** @enum {string} */
                readonly job: 'initialize' | 'discover' | 'renew' | 'snapshot' | 'import' | 'network';
                readonly pass: string;
              }[];
              readonly error?: {
                readonly code: string;
                readonly message: string;
              };
            };
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/metrics': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'text/plain': string;
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path?: never;
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'text/html': string;
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/hls/{id}/{file}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
          readonly file: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/octet-stream': string;
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/webrtc/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'text/html': string;
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/webrtc/{id}/whep': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody: {
        readonly content: {
          readonly 'application/sdp': string;
        };
      };
      readonly responses: {
        readonly 201: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/sdp': string;
          };
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/webrtc/{id}/whep/{session}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    readonly post?: never;
    readonly delete: {
      readonly parameters: {
        readonly query?: never;
        readonly header?: never;
        readonly path: {
          readonly id: string;
          readonly session: string;
        };
        readonly cookie?: never;
      };
      readonly requestBody?: never;
      readonly responses: {
        readonly 200: {
          headers: {
            readonly [name: string]: unknown;
          };
          content?: never;
        };
        readonly 400: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly 404: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
        readonly default: {
          headers: {
            readonly [name: string]: unknown;
          };
          content: {
            readonly 'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    readonly RenewRequest: {
      readonly cameraIds?: readonly string[];
      readonly force?: boolean;
    };
    readonly EnabledDevice: {
      readonly deviceSerial: string;
      readonly resourceId: string;
    };
    readonly NewCamera: {
      /** @example Gate */
      readonly name: string;
      readonly hikvisionDeviceSerial: string;
      /** @default 1 */
      readonly channel?: number;
      readonly hikvisionResourceId?: string;
      /**
       * @default hikconnect
       * @enum {string}
       */
      readonly vendor?: 'hikconnect' | 'ezviz';
      readonly account?: string;
      readonly rtmpPath?: string;
      /** @enum {string} */
      readonly mode?: 'on-demand' | 'direct' | 'always-on' | 'seamless';
      /** @enum {string} */
      readonly sound?: 'on' | 'off';
      readonly errorClipCheck?: boolean;
      /** @enum {string} */
      readonly whenGone?: 'slate' | 'end';
      /** @enum {string} */
      readonly quality?: 'auto' | 'main' | 'sub';
      readonly labels?: readonly string[];
      readonly hikvisionEnabled?: boolean;
      /** @enum {string} */
      readonly status?: 'inactive' | 'active' | 'offline' | 'missing' | 'disabled';
      readonly location?: string | null;
      readonly city?: string | null;
      readonly coordinates?:
        | null
        | {
            readonly lat: null;
            readonly lng: null;
          }
        | {
            readonly lat: number | string;
            readonly lng: number | string;
          };
      readonly image?: string | null;
      readonly members?: readonly string[];
      readonly attributes?: {
        readonly [key: string]: string;
      };
      readonly aqi_api_key?: string | null;
    };
    readonly NewUrlCamera: {
      /** @example Gate */
      readonly name: string;
      readonly source: components['schemas']['NewSource'];
      readonly keep?: boolean;
      /** @enum {string} */
      readonly mode?: 'on-demand' | 'direct' | 'always-on' | 'seamless';
      /** @enum {string} */
      readonly sound?: 'on' | 'off';
      /** @enum {string} */
      readonly whenGone?: 'slate' | 'end';
      readonly labels?: readonly string[];
      readonly hikvisionEnabled?: boolean;
      /** @enum {string} */
      readonly status?: 'inactive' | 'active' | 'offline' | 'missing' | 'disabled';
      readonly location?: string | null;
      readonly city?: string | null;
      readonly coordinates?:
        | null
        | {
            readonly lat: null;
            readonly lng: null;
          }
        | {
            readonly lat: number | string;
            readonly lng: number | string;
          };
      readonly image?: string | null;
      readonly members?: readonly string[];
      readonly attributes?: {
        readonly [key: string]: string;
      };
      readonly aqi_api_key?: string | null;
    };
    readonly NewSource: {
      /** @constant */
      readonly kind?: 'url';
      /** @example rtsp://192.168.1.64/Streaming/Channels/101 */
      readonly url: string;
      readonly user?: string | null;
      readonly password?: string | null;
    };
    readonly CameraChange: {
      /** @example Gate */
      readonly name?: string;
      readonly hikvisionResourceId?: string;
      readonly account?: string;
      readonly source?: components['schemas']['SourceChange'];
      readonly keep?: boolean;
      readonly rtmpPath?: string;
      /** @enum {string} */
      readonly mode?: 'on-demand' | 'direct' | 'always-on' | 'seamless';
      /** @enum {string} */
      readonly sound?: 'on' | 'off';
      readonly errorClipCheck?: boolean;
      /** @enum {string} */
      readonly whenGone?: 'slate' | 'end';
      /** @enum {string} */
      readonly quality?: 'auto' | 'main' | 'sub';
      readonly labels?: readonly string[];
      readonly hikvisionEnabled?: boolean;
      /** @enum {string} */
      readonly status?: 'inactive' | 'active' | 'offline' | 'missing' | 'disabled';
      readonly location?: string | null;
      readonly city?: string | null;
      readonly coordinates?:
        | null
        | {
            readonly lat: null;
            readonly lng: null;
          }
        | {
            readonly lat: number | string;
            readonly lng: number | string;
          };
      readonly image?: string | null;
      readonly members?: readonly string[];
      readonly attributes?: {
        readonly [key: string]: string;
      };
      readonly aqi_api_key?: string | null;
    };
    readonly SourceChange: {
      /** @constant */
      readonly kind?: 'url';
      readonly url?: string;
      readonly user?: string | null;
      readonly password?: string | null;
      readonly login?: null;
      readonly revision?: number;
      readonly tracks?: unknown;
      readonly openedAt?: unknown;
    };
    readonly PlanRequest: {
      /** @enum {string} */
      readonly action: 'renew' | 'update' | 'delete';
      readonly cameraIds?: readonly string[];
      readonly force?: boolean;
      readonly change?: components['schemas']['CameraChange'];
    };
    readonly AlertTest: {
      readonly sender?: string;
    };
    readonly NewMaintenance: {
      /** Format: date-time */
      readonly from?: string;
      /** Format: date-time */
      readonly to?: string;
      readonly minutes?: number;
      /** @default false */
      readonly weekly?: boolean;
      /** @default false */
      readonly everything?: boolean;
      /** @default [] */
      readonly cameraIds?: readonly string[];
      /** @default [] */
      readonly labels?: readonly string[];
      /** @default [] */
      readonly accounts?: readonly string[];
      readonly note?: string;
    };
    readonly AccountKeys: {
      /** @enum {string} */
      readonly vendor: 'hikconnect' | 'ezviz';
      readonly appKey: string;
      readonly secret: string;
      readonly baseUrl?: string;
    };
    readonly ImportEntry: {
      readonly key?: string;
      readonly name?: string;
      readonly url: string;
      readonly user?: string;
      readonly password?: string;
      /** @enum {string} */
      readonly mode?: 'on-demand' | 'direct' | 'always-on' | 'seamless';
      /** @enum {string} */
      readonly sound?: 'on' | 'off';
      readonly labels?: readonly string[];
      readonly enabled?: boolean;
      readonly location?: string;
      readonly city?: string;
      readonly coordinates?: {
        readonly lat: number;
        readonly lng: number;
      };
      readonly attributes?: {
        readonly [key: string]: string;
      };
    };
    readonly InitializeReport: {
      readonly success: boolean;
      readonly discovered: number;
      readonly created: number;
      readonly updated: number;
      readonly missing: number;
      readonly leased: number;
      readonly failed: readonly {
        readonly cameraId: string;
        readonly code: string;
        readonly message: string;
        readonly cure: string;
      }[];
      readonly failedAccounts: readonly {
        readonly account: string;
        readonly code: string;
        readonly message: string;
        readonly cure: string;
      }[];
      readonly notes?: readonly {
        readonly account: string;
        readonly code: string;
        readonly message: string;
        readonly cure: string;
        readonly records: readonly {
          /** @enum {string} */
          readonly listing: 'cameras' | 'devices';
          readonly position: number;
          readonly deviceSerial: string | null;
          readonly field: string;
        }[];
      }[];
      readonly pass: string;
      readonly message?: string;
    };
    readonly Error: {
      /** @constant */
      readonly success: false;
      readonly message?: string;
      readonly error: {
        readonly code: string;
        readonly reason?: string;
        readonly message: string;
        readonly cure?: string;
      };
    };
    readonly RenewReport: {
      readonly success: boolean;
      readonly renewed: number;
      readonly held: number;
      readonly heldCameras?: readonly {
        readonly cameraId: string;
        readonly reason: string;
        readonly until: string | null;
        readonly sentence: string;
      }[];
      readonly skipped: number;
      readonly skippedCameras?: readonly {
        readonly cameraId: string;
        /** @enum {string} */
        readonly reason:
          | 'fresh'
          | 'backing-off'
          | 'candidate-waiting'
          | 'disabled'
          | 'offline'
          | 'missing'
          | 'unidentified'
          | 'permanent-failure'
          | 'not-leased'
          | 'another-pass'
          | 'not-answered'
          | 'deleted';
      }[];
      readonly bypassed?: {
        readonly notDue: number;
        readonly backingOff: number;
        readonly failedForGood: number;
        readonly offline: number;
        readonly held: number;
      };
      readonly failed: readonly {
        readonly cameraId: string;
        readonly code: string;
        readonly message: string;
        readonly cure: string;
      }[];
      readonly pass: string;
      readonly message?: string;
    };
    readonly Plan: {
      /** @constant */
      readonly success: true;
      readonly changes: readonly {
        readonly cameraId: string;
        /** @enum {string} */
        readonly how: 'none' | 'hot' | 'handover' | 'rebuild';
        readonly sentence: string;
        readonly viewers: number | null;
        readonly movesTo: ('relay' | 'media-server') | null;
        readonly paths: readonly {
          readonly name: string;
          /** @enum {string} */
          readonly action: 'add' | 'change' | 'remove';
        }[];
      }[];
      readonly summary: {
        readonly none: number;
        readonly hot: number;
        readonly handover: number;
        readonly rebuild: number;
        readonly viewersFrozen: number;
        readonly viewersDropped: number;
        readonly toRelay: number;
        readonly toMediaServer: number;
        readonly viewersUnknown: number;
      };
    };
    readonly Camera: {
      readonly id: string;
      readonly _id: string;
      readonly name: string;
      readonly rtmpPath: string;
      readonly vendor: ('hikconnect' | 'ezviz') | null;
      readonly account: string | null;
      readonly hikvisionDeviceSerial: string;
      readonly hikvisionResourceId: string;
      readonly hikvisionEnabled: boolean;
      readonly channel: number | null;
      readonly source?: {
        /** @enum {string} */
        readonly kind: 'url';
        readonly url: string;
        readonly user: '***' | null;
        readonly revision: number;
        readonly tracks: components['schemas']['Tracks'] | null;
        readonly openedAt: string | null;
      };
      /** @enum {string} */
      readonly status: 'active' | 'offline' | 'missing' | 'disabled';
      /** @enum {string} */
      readonly mode: 'on-demand' | 'direct' | 'always-on' | 'seamless';
      readonly errorClipCheck: boolean;
      /** @enum {string} */
      readonly whenGone: 'slate' | 'end';
      /** @enum {string} */
      readonly sound: 'on' | 'off';
      /** @enum {string} */
      readonly quality: 'auto' | 'main' | 'sub';
      readonly labels: readonly string[];
      readonly location: string | null;
      readonly city: string | null;
      readonly coordinates:
        | {
            readonly lat: number;
            readonly lng: number;
          }
        | {
            readonly lat: null;
            readonly lng: null;
          };
      readonly image: string | null;
      readonly members: readonly string[];
      readonly attributes: {
        readonly [key: string]: string;
      };
      readonly aqiData: null;
      /** @enum {string} */
      readonly origin: 'discovered' | 'hand-made';
      readonly feed: {
        readonly name: string;
        readonly key: string;
      } | null;
      readonly lease: components['schemas']['Lease'] | null;
      readonly candidate: components['schemas']['Candidate'] | null;
      readonly health: {
        readonly state: components['schemas']['HealthState'];
        readonly reason: string;
        readonly sentence: string;
        readonly nextStep: string;
        readonly nextStepAt: string | null;
      };
      readonly renewal: components['schemas']['Renewal'];
      readonly stream: components['schemas']['SeenStream'] | null;
      readonly said: components['schemas']['Said'];
      readonly failure: components['schemas']['Failure'] | null;
      readonly notice: string | null;
      readonly plays: {
        readonly hls: {
          readonly works: boolean | null;
          readonly why: string | null;
        };
        readonly webrtc: {
          readonly works: boolean | null;
          readonly why: string | null;
        };
      };
      readonly links: {
        /** Format: uri */
        readonly hlsUrl: string;
        /** Format: uri */
        readonly webrtcUrl: string;
        readonly notServed?: readonly ('hls' | 'webrtc')[];
      };
      /** Format: date-time */
      readonly createdAt: string;
      /** Format: date-time */
      readonly updatedAt: string;
    };
    readonly Tracks: {
      readonly video: {
        readonly codec: string;
        readonly width: number;
        readonly height: number;
      };
      readonly audio: {
        readonly codec: string;
        readonly sampleRate: number;
        readonly channels: number;
      } | null;
    };
    readonly Lease: {
      readonly revision: number;
      /** @enum {string} */
      readonly quality: 'main' | 'sub';
      /** Format: date-time */
      readonly obtainedAt: string;
      /** Format: date-time */
      readonly expiresAt: string;
      /** Format: date-time */
      readonly renewAt: string;
      /** Format: date-time */
      readonly lastSafeMoment: string;
      /** @enum {string} */
      readonly proof: 'pending' | 'proven' | 'failed' | 'unproven';
      readonly provenAt: string | null;
      readonly tracks: components['schemas']['Tracks'] | null;
    };
    readonly Candidate: {
      readonly revision: number;
      /** @enum {string} */
      readonly quality: 'main' | 'sub';
      /** Format: date-time */
      readonly obtainedAt: string;
      /** Format: date-time */
      readonly expiresAt: string;
      /** Format: date-time */
      readonly renewAt: string;
      /** Format: date-time */
      readonly lastSafeMoment: string;
      /** @enum {string} */
      readonly proof: 'pending' | 'proven' | 'failed' | 'unproven';
      readonly provenAt: string | null;
      readonly tracks: components['schemas']['Tracks'] | null;
      readonly fault: {
        readonly code: string;
        readonly message: string;
        readonly cure: string;
      } | null;
    };
    /** @enum {string} */
    readonly HealthState: 'healthy' | 'idle' | 'failing' | 'dark' | 'unknown' | 'disabled';
    readonly Renewal: {
      /** @enum {string} */
      readonly state: 'resting' | 'due' | 'proving' | 'held' | 'taking-over' | 'failing' | 'stopped';
      readonly reason: string;
      readonly sentence: string;
      readonly nextStep: string;
      readonly nextStepAt: string | null;
      readonly forcedAt: string | null;
      /** @enum {string} */
      readonly urgency: 'calm' | 'pressing' | 'emergency';
    };
    readonly SeenStream: {
      readonly revision: number | null;
      /** @enum {string} */
      readonly flow: 'flowing' | 'starting' | 'idle' | 'stopped' | 'unknown';
      readonly carrier: ('forward' | 'relay') | null;
      readonly reason:
        | (
            | 'not-found'
            | 'refused'
            | 'ended'
            | 'silence'
            | 'connection'
            | 'protocol'
            | 'certificate'
            | 'codec'
            | 'no-key-frame'
            | 'no-address'
            | 'over-cap'
            | 'login'
            | 'forbidden'
            | 'too-many'
            | 'not-a-stream'
            | 'reader-missing'
            | 'reader-lost'
            | 'no-transcode'
          )
        | null;
      readonly viewers: number | null;
    };
    readonly Said: {
      readonly cloud: {
        /** @enum {string} */
        readonly status: 'active' | 'offline' | 'missing' | 'disabled';
        readonly answeredAt: string | null;
        readonly refusal: string | null;
      };
      readonly engine: {
        /** @enum {string} */
        readonly flow: 'flowing' | 'starting' | 'idle' | 'stopped' | 'unknown';
        readonly viewers: number | null;
        readonly bytesMovedAt: string | null;
        /** Format: date-time */
        readonly at: string;
      } | null;
      readonly store: {
        /** @enum {string} */
        readonly lease: 'none' | 'valid' | 'expired';
        readonly revision: number | null;
        readonly expiresAt: string | null;
        readonly isThere: boolean | null;
        readonly at: string | null;
      };
    };
    readonly Failure: {
      readonly code: string;
      readonly message: string;
      readonly cure: string;
      /** Format: date-time */
      readonly since: string;
      /** Format: date-time */
      readonly at: string;
      readonly attempts: number;
      readonly nextLookAt: string | null;
    };
    readonly LeaseEvent: {
      readonly id: string;
      /** Format: date-time */
      readonly at: string;
      readonly cameraId: string;
      /** @enum {string} */
      readonly step: 'obtained' | 'failed' | 'proven' | 'rejected' | 'held' | 'promoted' | 'handed-over' | 'expired';
      readonly revision: number | null;
      readonly reason: string;
      readonly message: string;
    };
    readonly Outage: {
      readonly id: string;
      readonly subject:
        | {
            /** @constant */
            readonly kind: 'camera';
            readonly id: string;
          }
        | {
            /** @constant */
            readonly kind: 'account';
            readonly name: string;
          };
      readonly account: string | null;
      readonly reason: string;
      readonly message: string;
      readonly isOurs: boolean;
      /** Format: date-time */
      readonly beganAt: string;
      readonly endedAt: string | null;
    };
    readonly Availability: {
      readonly percent: number | null;
      readonly percentOurs: number | null;
      readonly observedMs: number;
      readonly observedPart: number;
      readonly upMs: number;
      readonly downMs: number;
      readonly offlineMs: number;
      readonly unknownMs: number;
    };
    readonly Forecast: {
      /** @constant */
      readonly success: true;
      /** Format: date-time */
      readonly madeAt: string;
      readonly hours: readonly {
        /** Format: date-time */
        readonly from: string;
        readonly leases: number;
      }[];
      readonly days: readonly {
        /** Format: date-time */
        readonly from: string;
        readonly leases: number;
      }[];
      readonly backlog: number;
      readonly backlogDoneAt: string | null;
      readonly firstDarkAt: string | null;
      readonly tooLate: number;
      readonly quotaUsed: number | null;
      readonly accounts: readonly {
        readonly account: string;
        readonly callsPerHour: number;
        readonly backlog: number;
        readonly backlogDoneAt: string | null;
        readonly firstDarkAt: string | null;
        readonly tooLate: number;
        readonly quotaUsed: number | null;
      }[];
    };
    readonly AlertsReply: {
      /** @constant */
      readonly success: true;
      readonly open: readonly components['schemas']['Alert'][];
      readonly closed: readonly components['schemas']['Alert'][];
      readonly senders: readonly {
        readonly name: string;
        /** @enum {string} */
        readonly kind: 'webhook' | 'email' | 'push';
        readonly to: string;
        readonly lastSentAt: string | null;
        readonly failure: {
          readonly message: string;
          readonly cure: string | null;
          /** Format: date-time */
          readonly at: string;
        } | null;
        readonly waiting: number;
      }[];
    };
    readonly Alert: {
      /** @enum {string} */
      readonly rule:
        | 'camera-dark'
        | 'group-dark'
        | 'renewal-failing'
        | 'account-refused'
        | 'quota-near'
        | 'backlog'
        | 'store-unreachable'
        | 'engine-unreachable'
        | 'engine-degraded'
        | 'stream-refused'
        | 'disk-full';
      readonly subject: {
        readonly kind: string;
        readonly id: string;
        readonly name: string;
      };
      /** @enum {string} */
      readonly severity: 'warning' | 'critical';
      readonly title: string;
      readonly text: string;
      /** Format: date-time */
      readonly beganAt: string;
      /** Format: date-time */
      readonly openedAt: string;
      readonly endedAt: string | null;
      readonly toldAt: string | null;
      readonly clearing: boolean;
    };
    readonly AlertTestReply: {
      /** @constant */
      readonly success: true;
      readonly results: readonly {
        readonly sender: string;
        readonly to: string;
        readonly sent: boolean;
        readonly failure: {
          readonly message: string;
          readonly cure: string | null;
        } | null;
      }[];
    };
    readonly MaintenanceReply: {
      /** @constant */
      readonly success: true;
      readonly windows: readonly components['schemas']['Maintenance'][];
    };
    readonly Maintenance: {
      readonly id: string;
      /** Format: date-time */
      readonly from: string;
      /** Format: date-time */
      readonly to: string;
      readonly active: boolean;
      readonly weekly: boolean;
      readonly everything: boolean;
      readonly cameraIds: readonly string[];
      readonly labels: readonly string[];
      readonly accounts: readonly string[];
      readonly note: string;
    };
    readonly OneMaintenanceReply: {
      /** @constant */
      readonly success: true;
      readonly window: components['schemas']['Maintenance'];
    };
    readonly EndedMaintenanceReply: {
      /** @constant */
      readonly success: true;
    };
    readonly Pass: {
      readonly id: string;
      /** @enum {string} */
      readonly job: 'initialize' | 'discover' | 'renew' | 'snapshot' | 'import' | 'network';
      /** @enum {string} */
      readonly state: 'running' | 'succeeded' | 'failed';
      /** Format: date-time */
      readonly startedAt: string;
      readonly endedAt: string | null;
      readonly total: number;
      readonly done: number;
      readonly failed: number;
      readonly skipped: number;
      readonly report:
        | (
            | components['schemas']['InitializeReport']
            | components['schemas']['RenewReport']
            | components['schemas']['SnapshotReport']
            | components['schemas']['ImportReport']
            | components['schemas']['NetworkReport']
          )
        | null;
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly cure?: string;
      } | null;
    };
    readonly SnapshotReport: {
      readonly success: boolean;
      readonly taken: number;
      readonly reused: number;
      readonly skipped: number;
      readonly failed: readonly {
        readonly cameraId: string;
        readonly code: string;
        readonly message: string;
        readonly cure: string;
      }[];
      readonly pass: string;
    };
    readonly ImportReport: {
      readonly success: boolean;
      readonly created: number;
      readonly changed: number;
      readonly unchanged: number;
      readonly failed: readonly {
        readonly place: string;
        readonly key: string | null;
        readonly message: string;
      }[];
      readonly pass: string;
    };
    readonly NetworkReport: {
      readonly success: boolean;
      readonly found: readonly {
        readonly address: string;
        readonly name: string | null;
        readonly maker: string | null;
        readonly model: string | null;
        readonly clockAheadS: number | null;
        readonly streams: readonly {
          readonly profile: string;
          readonly codec: string | null;
          readonly width: number | null;
          readonly height: number | null;
          readonly url: string;
        }[];
        readonly problem: string | null;
        readonly cure: string | null;
      }[];
      readonly notes: readonly string[];
      readonly failed: readonly unknown[];
      readonly pass: string;
    };
    readonly AccountNote: {
      readonly code: string;
      readonly message: string;
      readonly cure: string;
      readonly records: readonly {
        /** @enum {string} */
        readonly listing: 'cameras' | 'devices';
        readonly position: number;
        readonly deviceSerial: string | null;
        readonly field: string;
      }[];
    };
    readonly Feed: {
      readonly name: string;
      /** @enum {string} */
      readonly kind: 'file' | 'list' | 'compat';
      readonly readAt: string | null;
      readonly entries: number;
      readonly created: number;
      readonly changed: number;
      readonly missing: number;
      readonly skipped: number;
      readonly deleted: number;
      readonly refused: number;
      readonly faults: readonly string[];
      readonly problem: string | null;
      readonly cure: string | null;
      readonly problemSince: string | null;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
