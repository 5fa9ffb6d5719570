import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProgram } from '../../apps/cli/src/program.ts'
import { pages, readPage, root, samplesOf } from './pages.ts'
import { commandsOf } from './shell-commands.ts'

type Command = ReturnType<typeof createProgram>

const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> }

/** What programs of ours are asked for must exist. */
const checks: Record<string, (args: string[]) => Promise<string | undefined> | string | undefined> = {
  vesemir: checkCommandLine,
  'vesemir-server': (args) =>
    /^(api|worker)( --config \S+)?( --check)?$|^--?\w+$/.test(args.join(' ')) ? undefined : 'arguments',
  npm: ([command, name]) => (command === 'run' && !(name! in scripts) ? `no script ${name}` : undefined),
  node: ([file]) => (file!.endsWith('.ts') || file!.endsWith('.mjs') ? missing(file!) : undefined),
}

/** Programs of others, whose arguments are not ours to check. */
const foreign = new Set(
  `. adduser alias api apt apt-get awk aws bash buildah caddy cap cat cd chgrp chmod chown chpst cp crontab curl cut date df
  diff docker dpkg echo exit export false find for git gpg grep gunzip gzip haproxy head hostname install ip
  journalctl jq kill kubectl kustomize ln ls luacheck minisign mkdir mktemp mount mv nginx openssl podman printf
  promtool psql redis-cli redis-server rm rsync scp sed set sha256sum shellcheck shred skopeo sleep sort source ssh
  ssh-add ssh-agent ssh-keygen ssh-keyscan step sudo sv systemctl systemd-analyze systemd-creds tail tar tee test
  tmux touch trap true turbo umask umount uniq useradd usermod valkey-cli valkey-server vault vi vitest wait wc
  xargs zstd zstdcat`.split(/\s+/),
)

/** What may stand before a command. */
const before = new Set(['sudo', 'exec', 'do', 'done', 'if', 'then', 'else', 'fi', '{', '}', '!'])

const all = pages.flatMap((page) => samplesOf(page, 'sh'))

test.each(all)('$page:$line has only commands that exist', async ({ text }) => {
  const problems: string[] = []
  for (const words of commandsOf(text)) {
    const command = words.slice(words.findIndex((word) => !before.has(word)))
    const [program = '', ...args] = command
    if (before.has(program)) continue
    const problem = Object.hasOwn(checks, program) ? await checks[program]!(args) : unlisted(program)
    if (problem !== undefined) problems.push(`${words.join(' ')}: ${problem}`)
  }

  expect(problems).toEqual([])
})

test.each([
  ['vesemir deploy payments -e production --versoin 1.4.2', /unknown option '--versoin'/],
  ['vesemir status', /missing required argument/],
  ['vesemir roll d-42', /unknown command/],
  ['vesemir logs d-42 --step dance', /dance/],
  ['vesemir lock payments production', /too many arguments|required/],
])('%s is found to be wrong', async (text, problem) => {
  expect(await checkCommandLine(commandsOf(text)[0]!.slice(1))).toMatch(problem)
})

/** Has the command line parse its arguments, and do nothing. */
async function checkCommandLine(args: string[]): Promise<string | undefined> {
  const program = withoutEffect(createProgram('0.0.0'))
  try {
    await program.parseAsync(args, { from: 'user' })
    return undefined
  } catch (error) {
    // Commander's: help, too, is thrown.
    const { exitCode, message } = error as Error & { exitCode?: number }
    return exitCode === 0 ? undefined : message
  }
}

function withoutEffect(command: Command): Command {
  command.configureOutput({ writeOut: () => {}, writeErr: () => {} })
  if (command.commands.length === 0) command.action(() => {})
  for (const inner of command.commands) withoutEffect(inner)
  return command
}

function unlisted(program: string): string | undefined {
  const isFile = program.includes('/') || program.startsWith('$')
  return foreign.has(program) || isFile ? undefined : 'neither checked nor listed in commands.test.ts'
}

function missing(file: string): string | undefined {
  return file.startsWith('/') || file.includes('<') || existsSync(join(root, file)) ? undefined : 'no such file'
}
