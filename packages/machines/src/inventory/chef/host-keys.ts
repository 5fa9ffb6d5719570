import { opensshKey } from '../../remote-shell/ssh/openssh-key.ts'
import type { ChefNode } from './node.ts'

const keyTypes = {
  ed25519: /^ssh-ed25519$/,
  ecdsa: /^ecdsa-sha2-nistp(?:256|384|521)$/,
  rsa: /^ssh-rsa$/,
}

/** Gives a node's SSH host keys as OpenSSH writes them. What is not a key of its kind is left out. */
export function hostKeysOf({ hostKeys }: ChefNode): string[] {
  const { ed25519, ecdsa, rsa } = hostKeys
  return [
    ...opensshKey(ed25519, keyTypes.ed25519),
    ...opensshKey(ecdsa, keyTypes.ecdsa),
    ...opensshKey(rsa, keyTypes.rsa),
  ]
}
