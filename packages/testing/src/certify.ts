import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

interface CertificateParts {
  /** The path of the authority's private key. */
  authority: string
  host?: boolean
  principals: readonly string[]
  /** As `ssh-keygen -V` takes it. */
  validity?: string
  /** More arguments for ssh-keygen. */
  args?: readonly string[]
}

/** Certifies the key at `path`, as an authority does; gives the line of `path-cert.pub`. */
export function certify(
  path: string,
  { authority, host = false, principals, validity = '+1h', args = [] }: CertificateParts,
): string {
  const who = principals.length > 0 ? ['-n', principals.join(',')] : []
  const kind = host ? ['-h'] : []
  execFileSync('ssh-keygen', [
    '-q',
    '-s',
    authority,
    '-I',
    'test',
    ...kind,
    ...who,
    '-V',
    validity,
    ...args,
    `${path}.pub`,
  ])
  return readFileSync(`${path}-cert.pub`, 'utf8').trim()
}
