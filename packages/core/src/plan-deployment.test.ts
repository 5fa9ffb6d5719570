import type { PlannedRelease } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import { expect, it } from 'vitest'
import { planDeployment } from './plan-deployment.ts'

const release: Extract<PlannedRelease, { strategy: 'artifact' }> = {
  strategy: 'artifact',
  id: '1.4.2-9f86d081',
  url: 'https://artifacts.example/payments-1.4.2.tar.gz',
  format: 'tar.gz',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  bytes: 1000,
  unpackedBytes: 4000,
}

function warningsOf({ folder, strip }: { folder?: string; strip: number }): string[] {
  const spec = aBalancedSpec({
    changeset: { strategy: 'artifact', url: release.url, directory: '/srv/payments', strip },
  })
  const host = { name: 'web-1', address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [] }
  const { warnings } = planDeployment(spec, {
    hosts: [host],
    boxes: [],
    servers: [[]],
    states: [],
    peers: [],
    figures: [],
    release: folder === undefined ? release : { ...release, folder },
    warnings: [],
    seed: 'd-1',
  })
  return warnings.filter((warning) => warning.includes('changeset.strip'))
}

it('says when everything in an artifact is in one folder that would stay', () => {
  expect(warningsOf({ folder: 'payments-1.4.2', strip: 0 })).toEqual([
    'all files of the artifact are in its folder payments-1.4.2/ and will be in current/payments-1.4.2/: set changeset.strip to 1 to omit that folder',
  ])
  expect(warningsOf({ folder: 'payments-1.4.2', strip: 1 })).toEqual([])
  expect(warningsOf({ strip: 0 })).toEqual([])
})
