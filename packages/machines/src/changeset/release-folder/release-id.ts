import { createHash } from 'node:crypto'

/** Names a release's folder: by its version for people, and by what it holds and links to for certainty. */
export function releaseId(
  version: string,
  { content, shared }: { content: string; shared: readonly string[] },
): string {
  const whole =
    shared.length === 0
      ? content
      : createHash('sha256')
          .update([content, ...shared].join('\n'))
          .digest('hex')
  return `${version}-${whole.slice(0, 8)}`
}
