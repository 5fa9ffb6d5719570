import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeKeyPair } from '@vesemir/testing/start-sshd'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostFolder } from '../../infra/fleet/fleet-state.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'

// No standing key: hosts know an authority alone, and a command certifies keys for one deployment after the other.

let folder: string
let system: System
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-authority-'))
  writeKeyPair(join(folder, 'ca'))
  const command = join(folder, 'sign')
  system = await startSystem({
    fleet: { hosts: 2, boxes: 1 },
    workers: [],
    remoteShell: { privateKey: undefined, certificateCommand: { command: [command] } },
  })
  await writeFile(command, signer(system.fleet.ssh.user), { mode: 0o755 })
  for (const { name } of [...system.fleet.hosts, ...system.fleet.boxes]) {
    await system.fleet.stopSshd(name)
    await system.fleet.startSshd(name, [
      `TrustedUserCAKeys ${folder}/ca.pub`,
      'AuthorizedKeysFile none',
      'LogLevel INFO',
    ])
  }
  await system.startWorker('worker-1')
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** An authority that signs for a quarter of an hour, and writes what it was asked for. */
function signer(user: string): string {
  return `#!/bin/sh
set -e
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/id.pub"
id="$VESEMIR_CLUSTER/\${VESEMIR_DEPLOYMENT:-$VESEMIR_PURPOSE}"
echo "$id" >> ${folder}/signed
ssh-keygen -q -s ${folder}/ca -I "$id" -n ${user} -V +15m "$folder/id.pub"
cat "$folder/id-cert.pub"
`
}

test('each deployment logs in with a certificate of its own, whose name sshd logs', async () => {
  await Promise.all(['1.0.0', '2.0.0'].map((version) => system.release(version)))

  const first = await deploy(system, '1.0.0')
  const second = await deploy(system, '2.0.0')

  expect([first.exit, second.exit]).toEqual([0, 0])
  const ids = [first, second].map(({ view }) => `local/${view!.deployment.id}`)
  const signed = (await readFile(join(folder, 'signed'), 'utf8')).trim().split('\n')
  expect(signed.toSorted()).toEqual([...ids, 'local/load-balancer'].toSorted())
  for (const { name } of system.fleet.hosts)
    expect(await keyIdsIn(join(hostFolder(system.fleet, name), 'sshd.log'))).toEqual(ids)
})

async function keyIdsIn(logFile: string): Promise<string[]> {
  const accepted = (await readFile(logFile, 'utf8')).matchAll(/Accepted publickey .* ID (\S+) \(serial/g)
  return [...accepted].map(([, id]) => id!)
}
