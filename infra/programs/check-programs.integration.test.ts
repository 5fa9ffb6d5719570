import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkPrograms } from './check-programs.ts'

const root = join(import.meta.dirname, '../..')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-programs-'))
  for (const settings of ['.shellcheckrc', '.luacheckrc']) await cp(join(root, settings), join(folder, settings))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const write = (name: string, text: string) => writeFile(join(folder, name), text)

test('finds nothing in programs that are well', async () => {
  await write('count.sh', '#!/bin/sh\nfor name; do echo "$name"; done\n')
  await write('count.lua', "return redis.call('GET', KEYS[1])\n")

  expect(await checkPrograms(folder)).toEqual([])
})

test('finds a fault in a shell program, and says where', async () => {
  await write('remove.sh', '#!/bin/sh\nrm -rf $1\n')

  expect(await checkPrograms(folder)).toEqual([expect.stringMatching(/In remove\.sh line 2:[^]*SC2086/)])
})

test('finds what a shell program misses of what it sources', async () => {
  await write('functions.sh', '# shellcheck shell=sh\nfail() { echo "$1" >&2; exit 1; }\n')
  await write('deploy.sh', '#!/bin/sh\n. ./functions.sh\ncd "$direcotry" || fail "no directory"\n')

  expect(await checkPrograms(folder)).toEqual([expect.stringContaining('direcotry is referenced but not assigned')])
})

test('finds a name that a Lua program does not have, which Redis would refuse at run time', async () => {
  await write('read.lua', "return redis.call('GET', KEY[1])\n")

  expect(await checkPrograms(folder)).toEqual([expect.stringContaining('read.lua:1:26: (W113) accessing undefined')])
})

test('says what to install where a checker is missing', async () => {
  await write('count.sh', '#!/bin/sh\n')
  vi.stubEnv('PATH', folder)

  expect(await checkPrograms(folder)).toEqual([
    'shellcheck is not installed. Install it: sudo apt-get install shellcheck',
  ])
})
