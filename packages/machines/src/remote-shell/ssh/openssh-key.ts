/** Gives `ssh-ed25519 AAAA…` for a key's base64 blob, or nothing. The type is the one that is written inside (RFC 4253, 6.6). */
export function opensshKey(blob: unknown, expectedType: RegExp): string[] {
  if (typeof blob !== 'string') return []
  const bytes = Buffer.from(blob, 'base64')
  if (bytes.length < 4 || bytes.toString('base64') !== blob) return []
  const typeLength = bytes.readUInt32BE(0)
  const type = bytes.subarray(4, 4 + typeLength).toString('latin1')
  return bytes.length > 4 + typeLength && expectedType.test(type) ? [`${type} ${blob}`] : []
}
