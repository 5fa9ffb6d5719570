import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeKeyPair } from '@vesemir/testing/start-sshd'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSsh } from './create-ssh.ts'
import { startSshd, type Sshd } from './testing/start-sshd.ts'

// Neither Vault nor step-ca can be installed where these tests run. Programs of the same names stand in for their commands: they refuse
// arguments that the real ones do not take (hashicorp/vault: path_sign.go, kv-builder; smallstep/cli: command/ssh/certificate.go), and sign.

const page = readFileSync(new URL('../../../../../docs/ssh.md', import.meta.url), 'utf8')
const scripts = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text)

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({
    prepare(folder) {
      writeKeyPair(join(folder, 'ca'))
      return [`TrustedUserCAKeys ${folder}/ca.pub`]
    },
  })
  const sign = `ssh-keygen -q -s ${sshd.folder}/ca -n ${sshd.target.user} -V +10m -I`
  write('vault', [
    'test "$1 $2 $3 $4 $5" = "write -field=signed_key ssh-client-signer/sign/vesemir public_key=- valid_principals=deploy"',
    'case $6 in key_id=?*) id=${6#key_id=} ;; *) exit 1 ;; esac',
    'test $# = 6 && cd "$(mktemp -d)" && cat > id.pub',
    `${sign} "$id" id.pub && cat id-cert.pub`,
  ])
  write('step', [
    'test "$1 $2 $3 $4 $5 $6 $7" = "ssh certificate --sign --principal deploy --not-after 10m"',
    'test "$8 $9" = "--provisioner vesemir" && shift 9',
    'test "$1 $2" = "--provisioner-password-file /run/secrets/step" && test $# = 4',
    `${sign} "$3" "$4" && echo "Certificate: $4"`,
  ])
})
afterAll(() => sshd[Symbol.asyncDispose]())

function write(name: string, lines: readonly string[]): string {
  const path = join(sshd.folder, name)
  writeFileSync(path, ['#!/bin/sh', 'set -e', ...lines, ''].join('\n'), { mode: 0o755 })
  return path
}

test.each(['vault', 'step'])(
  'the program for %s in docs/ssh.md signs, with a key id that names the deployment',
  async (name) => {
    const [script = ''] = scripts.filter((text) => text.includes(`sign-by-${name}`))
    const command = [write(`sign-by-${name}`, [script])]
    const { privateKey: _, ...options } = sshd.options
    const certificateCommand = { command, environmentVariables: [], timeout: '5s' }
    const env = { PATH: `${sshd.folder}:${process.env['PATH']}` }
    const ssh = createSsh({ ...options, certificateCommand }, { env, cluster: 'eu' })
    const deployment = { deployment: `d-${name}`, application: 'payments', environment: 'production' }

    await using _session = await ssh.for({ name: 'deployment', ...deployment }).connect(sshd.target)
    await using _check = await ssh.connect(sshd.target)

    expect(sshd.log()).toContain(` ID vesemir-eu-d-${name} (serial`)
    expect(sshd.log()).toContain(' ID vesemir-eu-checks (serial')
  },
)
