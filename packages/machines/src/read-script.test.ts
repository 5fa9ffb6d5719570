import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readScript } from './read-script.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vesemir-scripts-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): URL {
  writeFileSync(join(folder, name), text)
  return pathToFileURL(join(folder, name))
}

test('puts what a script sources in its place, without what only people read', () => {
  const functions = write(
    'functions.sh',
    '# shellcheck shell=sh\n\n# Says it.\ngreet() {\n  # Loudly.\n  echo "$1$&"\n}\n',
  )
  const script = write('main.sh', 'set -eu\n. ./functions.sh\ngreet world\n')

  expect(readScript(script, { 'functions.sh': functions })).toBe('set -eu\ngreet() {\necho "$1$&"\n}\ngreet world\n')
})

test('refuses a script that sources what nobody has named', () => {
  const script = write('main.sh', '. ./functions.sh\n')

  expect(() => readScript(script)).toThrow('sources functions.sh, and nothing says where that is')
})
