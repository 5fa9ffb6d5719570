import { expect, test } from 'vitest'
import { addRelease, nextVersion, releaseNotes, type ReleasePlan } from './write-changelog.ts'

const plan: ReleasePlan = {
  changesets: [
    { summary: 'Drains are seen sooner.\nNothing to do.', releases: [{ type: 'patch' }] },
    { summary: 'Rename `maxConcurrentHosts`.', releases: [{ type: 'major' }, { type: 'patch' }] },
    { summary: 'Deploy by git.', releases: [{ type: 'minor' }] },
  ],
  releases: [{ newVersion: '1.0.0' }, { newVersion: '1.0.0' }],
}

test('tells first what has to be changed, and last what was fixed', () => {
  expect(releaseNotes(plan)).toBe(
    '### What you have to change\n\n- Rename `maxConcurrentHosts`.\n\n### New\n\n- Deploy by git.\n\n### Fixed\n\n- Drains are seen sooner.\n  Nothing to do.',
  )
})

test('puts a release above those before it', () => {
  const first = addRelease('# Changelog\n\nWhat is new.\n', { version: '0.1.0', date: '2026-12-01', notes: '- a' })
  const second = addRelease(first, { version: '0.2.0', date: '2026-12-02', notes: '- b' })

  expect(second).toBe('# Changelog\n\nWhat is new.\n\n## 0.2.0 (2026-12-02)\n\n- b\n\n## 0.1.0 (2026-12-01)\n\n- a\n')
})

test('there is no version where nothing has changed', () => {
  expect(nextVersion(plan)).toBe('1.0.0')
  expect(nextVersion({ changesets: [], releases: [] })).toBeUndefined()
})
