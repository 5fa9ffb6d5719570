/** How browsers reach the API. */
export interface Reached {
  /** With which it serves HTTPS by itself. */
  tls?: object | undefined
  /** Its address for browsers. */
  url?: string | undefined
}

/** Whether browsers reach the API by HTTPS: its own, or that of a proxy in front. */
export function isSecure({ tls, url }: Reached): boolean {
  return tls !== undefined || (url?.startsWith('https:') ?? false)
}
