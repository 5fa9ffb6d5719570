import ssh2 from 'ssh2'

/** Two strings with their lengths: "ssh-ed25519", and 32 bytes of key (RFC 8709, 4). */
const publicKeyBytes = 4 + 'ssh-ed25519'.length + 4 + 32

/** Returns a new Ed25519 key: the private half as OpenSSH writes it to a file, the public one as a line `ssh-ed25519 AAAA…`. */
export function generateKey(): { private: string; public: string } {
  // ssh2 1.17 cuts zeros off the beginning of a public key (lib/keygen.js, parseDERs): one key in 256 is none.
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    if (Buffer.from(pair.public.split(' ')[1] ?? '', 'base64').length === publicKeyBytes) return pair
  }
}
