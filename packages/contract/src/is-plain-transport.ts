/** Tells whether others on the network could read what is sent to a URL: it is http:, and not this machine's own. */
export function isPlainTransport(url: string): boolean {
  return /^http:/i.test(url) && !/^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?:[:/?#]|$)/i.test(url)
}
