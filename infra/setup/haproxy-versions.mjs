import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runCommand, tail } from './run-command.mjs'
import { say } from './say.mjs'
import { changedAt } from './workspace.mjs'

/** Where HAProxy's other versions are, each in a folder of its branch (`3.0`) with a program `haproxy` in it. */
export const haproxyFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vesemir-tests/haproxy')

/** The suites of Debian that have, or had, a HAProxy of a branch of its own. One that is gone is passed over. */
const suites = ['bullseye', 'bookworm', 'bookworm-backports', 'trixie', 'trixie-backports', 'forky']

const freshMs = 7 * 24 * 3600 * 1000
const patienceMs = 60_000

/**
 * Has the HAProxy of each branch that Debian has, for tests: beside the installed one, which stays as it is, and without
 * root. Looks again once a week. Nothing depends on it: what cannot be had is said, and tests run with what there is.
 */
export async function fetchHaproxyVersions() {
  const marker = join(haproxyFolder, 'looked')
  if (Date.now() - (changedAt(marker) ?? 0) < freshMs) return
  try {
    await fetchAll(marker)
  } catch (error) {
    say(`no other versions of HAProxy for the tests: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** @param {string} marker */
async function fetchAll(marker) {
  const apt = await ownApt()
  const { ok, output } = await apt.run('apt-get', ['update'])
  const offers = newestOfBranches((await apt.run('apt-cache', ['madison', 'haproxy'])).output)
  if (offers.length === 0) throw new Error(ok ? 'Debian has none' : tail(output, 2))
  const installed = branchOf((await runCommand('/usr/sbin/haproxy', ['-v'])).output)
  for (const offer of offers) {
    if (offer.branch === installed) continue
    const why = await unpack(offer, apt)
    say(`HAProxy ${offer.version} of ${offer.suite}: ${why ?? 'there for the tests'}`)
  }
  writeFileSync(marker, '')
}

/**
 * Reads what `apt-cache madison` tells, and picks the newest version of each branch; it tells the newest first.
 * @param {string} madison
 * @returns {{ branch: string, version: string, suite: string }[]}
 */
export function newestOfBranches(madison) {
  /** @type {Map<string, { branch: string, version: string, suite: string }>} */
  const offers = new Map()
  for (const line of madison.split('\n')) {
    const [, version = '', suite = ''] = /^ *haproxy \| *(\S+) \| \S+ ([^\s/]+)\/\S+ \S+ Packages$/.exec(line) ?? []
    const branch = branchOf(version)
    if (branch && !offers.has(branch)) offers.set(branch, { branch, version, suite })
  }
  return [...offers.values()]
}

/**
 * Picks the libraries out of a package's `Depends:`; of alternatives the first.
 * @param {string} record
 */
export function librariesOf(record) {
  const [, depends = ''] = /^Depends: (.*)$/m.exec(record) ?? []
  return depends
    .split(',')
    .map((one) => one.trim().split(/[ (:|]/)[0] ?? '')
    .filter((name) => name.startsWith('lib'))
}

/** @param {string} text */
function branchOf(text) {
  return /\d+\.\d+/.exec(text)?.[0]
}

/**
 * An apt with suites, lists and cache of its own. It asks the mirror that the machine's own apt uses, and trusts Debian's
 * keys alone.
 */
async function ownApt() {
  const folder = join(haproxyFolder, 'apt')
  for (const path of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, path), { recursive: true })
  const targets = await runCommand('apt-get', ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)'])
  const [, mirror = 'http://deb.debian.org/debian'] = /^Debian (\S+\/debian\/?)$/m.exec(targets.output) ?? []
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'
  const lines = suites
    .filter((suite) => suite !== ownSuite())
    .map((suite) => `deb [signed-by=${keys}] ${mirror} ${suite} main`)
  writeFileSync(join(folder, 'sources.list'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'status'), '')
  const settings = {
    'Dir::State': folder,
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    // Images of containers turn these off: each call would read all lists again, which takes seconds.
    'Dir::Cache::pkgcache': 'pkgcache.bin',
    'Dir::Cache::srcpkgcache': 'srcpkgcache.bin',
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '0',
    'Acquire::http::Timeout': '10',
    // Its folder is a user's own, where root's helper may not look.
    'APT::Sandbox::User': 'root',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return {
    /**
     * @param {string} program
     * @param {string[]} args
     * @param {string} [cwd]
     */
    run: (program, args, cwd = folder) =>
      runCommand(program, ['-q', ...options, ...args], {
        cwd,
        limitMs: patienceMs,
        env: { ...process.env, LC_ALL: 'C' },
      }),
  }
}

/** The machine's own suite of Debian: what that has is installed. */
function ownSuite() {
  const file = '/etc/os-release'
  return existsSync(file) ? /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined
}

/**
 * Unpacks a HAProxy with its libraries; tells why it cannot be used, if so.
 * @param {{ branch: string, version: string, suite: string }} offer
 * @param {Awaited<ReturnType<typeof ownApt>>} apt
 * @returns {Promise<string | undefined>}
 */
async function unpack({ branch, version, suite }, apt) {
  const folder = join(haproxyFolder, branch)
  const fresh = mkdtempSync(`${folder}.new-`)
  try {
    const { output: record } = await apt.run('apt-cache', ['show', `haproxy=${version}`])
    const names = [`haproxy=${version}`, ...librariesOf(record)]
    const got = await apt.run('apt-get', ['-t', suite, 'download', ...names], fresh)
    if (!got.ok) return tail(got.output, 1)
    for (const file of readdirSync(fresh)) {
      // The C library is kept apart: it goes with its own loader only.
      const into = file.startsWith('libc6_') ? 'libc' : 'root'
      const unpacked = await runCommand('dpkg', ['-x', join(fresh, file), join(fresh, into)])
      if (!unpacked.ok) return tail(unpacked.output, 1)
      rmSync(join(fresh, file))
    }
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
    return await makeProgram(folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/**
 * Writes the program that starts an unpacked HAProxy: with the machine's C library, or else with the one it came with.
 * @param {string} folder
 */
async function makeProgram(folder) {
  const program = join(folder, 'haproxy')
  let complaint = ''
  for (const script of [withOwnLibraries(folder), withOwnLoader(folder)]) {
    writeFileSync(program, script, { mode: 0o755 })
    const { ok, output } = await runCommand(program, ['-v'])
    if (ok) return undefined
    complaint = tail(output, 1)
  }
  rmSync(folder, { recursive: true })
  return `it does not run here: ${complaint}`
}

/** @param {string} folder */
function withOwnLibraries(folder) {
  return `#!/bin/sh\nexport LD_LIBRARY_PATH='${libraryFolders(join(folder, 'root')).join(':')}'\nexec '${folder}/root/usr/sbin/haproxy' "$@"\n`
}

/**
 * HAProxy's master starts itself again by its first argument when it is reloaded: that must be this program.
 * @param {string} folder
 */
function withOwnLoader(folder) {
  const own = [...libraryFolders(join(folder, 'libc')), ...libraryFolders(join(folder, 'root'))]
  const loader = own.flatMap((path) => loadersIn(path))[0] ?? '/bin/false'
  const path = [...own, ...libraryFolders('/')].join(':')
  return `#!/bin/sh\nexec '${loader}' --argv0 "$0" --library-path '${path}' '${folder}/root/usr/sbin/haproxy' "$@"\n`
}

/** @param {string} root */
function libraryFolders(root) {
  return ['usr/lib', 'lib']
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).flatMap((name) => (name.endsWith('-linux-gnu') ? [join(path, name)] : [])))
}

/** @param {string} folder */
function loadersIn(folder) {
  return readdirSync(folder).flatMap((name) => (/^ld-linux.*\.so\.\d$/.test(name) ? [join(folder, name)] : []))
}
