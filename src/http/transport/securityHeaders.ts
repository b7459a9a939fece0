import helmet from 'helmet';
import type { RequestHandler } from 'express';

/**
 * What the page may load: its own files, and streams from where they are served. No `upgrade-insecure-requests` and no HSTS:
 * camlease speaks plain http on a loopback or LAN address, and a proxy before it handles TLS.
 */
export function securityHeaders(mediaBaseUrls: readonly string[]): RequestHandler {
  const media = [...new Set(mediaBaseUrls.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin))];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'", ...media],
        'media-src': ["'self'", 'blob:', ...media],
        'worker-src': ["'self'", 'blob:'],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
        'frame-ancestors': ["'self'"],
      },
    },
    strictTransportSecurity: false,
    // The page plays from the media server's own port, which does not send such a header.
    crossOriginEmbedderPolicy: false,
  });
}
