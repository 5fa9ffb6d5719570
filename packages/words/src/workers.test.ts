import { expect, test } from 'vitest'
import { describeWorkerJobs } from './workers.ts'

const job = (deployment: string, host?: string) => ({
  deployment,
  application: 'payments',
  environment: 'production',
  since: '2026-03-01T15:04:00.000Z',
  ...(host === undefined ? {} : { host }),
})

test('lists what a worker has in progress by deployment, a few hosts of each', () => {
  const hosts = ['web-1', 'web-2', 'web-3', 'web-4'].map((host) => job('d-42', host))

  expect(describeWorkerJobs([job('d-41'), job('d-42'), ...hosts])).toBe('d-41; d-42 web-1, web-2, web-3 and 1 more')
  expect(describeWorkerJobs([])).toBe('')
})
