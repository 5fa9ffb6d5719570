import { expect, test } from 'vitest'
// @ts-expect-error set-up is plain JavaScript: it runs before TypeScript is there
import { librariesOf, newestOfBranches } from './haproxy-versions.mjs'

test('picks the newest HAProxy of each branch, with the suite that has it', () => {
  const madison = `   haproxy |   3.2.26-1 | http://deb.debian.org/debian forky/main amd64 Packages
   haproxy | 3.0.11-1+deb13u4 | http://deb.debian.org/debian trixie/main amd64 Packages
   haproxy | 3.0.9-1~bpo12+1 | http://deb.debian.org/debian bookworm-backports/main amd64 Packages
N: something else`

  expect(newestOfBranches(madison)).toEqual([
    { branch: '3.2', version: '3.2.26-1', suite: 'forky' },
    { branch: '3.0', version: '3.0.11-1+deb13u4', suite: 'trixie' },
  ])
})

test('finds the libraries that a package needs, of alternatives the first', () => {
  const record = `Package: haproxy
Pre-Depends: init-system-helpers
Depends: libc6 (>= 2.38), libssl3t64:any (>= 3.5.1) | libssl3, adduser, lsb-base (>= 3.0-6)
Suggests: libdoc`

  expect(librariesOf(record)).toEqual(['libc6', 'libssl3t64'])
})
