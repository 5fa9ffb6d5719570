import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readVariable, withCredentials } from './credentials.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-credentials-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('takes credentials that are named as variables, and leaves variables that are set and other files', async () => {
  await writeFile(join(folder, 'VESEMIR_COOKIE_SECRET'), 'from a credential\n')
  await writeFile(join(folder, 'SLACK_URL'), 'https://hooks.example')
  await writeFile(join(folder, 'id_ed25519'), 'a key')

  const env = await withCredentials({ CREDENTIALS_DIRECTORY: folder, SLACK_URL: 'https://set.example' })

  expect(env).toEqual({
    CREDENTIALS_DIRECTORY: folder,
    SLACK_URL: 'https://set.example',
    VESEMIR_COOKIE_SECRET: 'from a credential',
  })
})

test('is the environment itself without credentials', async () => {
  const env = { PATH: '/bin' }

  expect(await withCredentials(env)).toBe(env)
})

test('reads a variable from the file that its _FILE names, and says when both are set or the file is missing', async () => {
  const file = join(folder, 'redis-url')
  await writeFile(file, 'redis://:hunter2@db\n')

  expect(await readVariable({ REDIS_FILE: file }, 'REDIS')).toBe('redis://:hunter2@db')
  expect(await readVariable({ REDIS: 'redis://set' }, 'REDIS')).toBe('redis://set')
  expect(await readVariable({}, 'REDIS')).toBeUndefined()
  await expect(readVariable({ REDIS: 'a', REDIS_FILE: file }, 'REDIS')).rejects.toThrow('REDIS and REDIS_FILE are both')
  await expect(readVariable({ REDIS_FILE: '/not/there' }, 'REDIS')).rejects.toThrow(
    'REDIS_FILE: /not/there cannot be read: ENOENT',
  )
})
