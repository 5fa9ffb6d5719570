import { VesemirError, type ErrorCode } from '@vesemir/core'
import type { Duplex } from 'node:stream'
import { shellQuote, sudoProof, sudoWrap, type SshSession, type Sudo } from '../../remote-shell/index.ts'
import { askBox } from './ask-box.ts'

interface BySudo {
  path: string
  sudo: Sudo
  signal: AbortSignal
}

/**
 * Connects to a socket on a box by sudo and socat. A password goes to sudo's standard input alone, after it was proved.
 * Without one, the rule that sudoers needs is that of this very command.
 * @throws {VesemirError} `LOAD_BALANCER_UNREACHABLE`, `LOAD_BALANCER_PERMISSION`
 */
export async function openBySudo(session: SshSession, bySudo: BySudo): Promise<Duplex> {
  if (bySudo.sudo.password === undefined) return openWithoutPassword(session, bySudo)
  return openWithPassword(session, bySudo)
}

async function openWithoutPassword(session: SshSession, { path, sudo, signal }: BySudo): Promise<Duplex> {
  const socat = `socat - UNIX-CONNECT:${path}`
  const asUser = sudo.user === 'root' ? 'sudo -n' : `sudo -n -u ${sudo.user}`
  // sudo -l tells whether a command is allowed, without running it. Looking at the socket may not be: then socat will tell.
  const script = `${asUser} -l ${socat} >/dev/null 2>&1 || { echo refused; exit; }
command -v socat >/dev/null || { echo socat; exit; }
if ${asUser} -l test -S ${path} >/dev/null 2>&1 && ! ${asUser} test -S ${path}; then echo missing; fi`
  const found = await askBox(session, { script, signal })
  const refused = `sudo does not let the SSH user run "${socat}" as ${sudo.user} without a password`
  throwObstacle(session, { path, found, refused })
  return session.openScript(`exec ${asUser} ${socat}`, signal)
}

async function openWithPassword(session: SshSession, { path, sudo, signal }: BySudo): Promise<Duplex> {
  const proof = sudoProof(sudo)
  // Proved first: what follows the password could be taken for a second try.
  const proven = await askBox(session, { script: `${proof.script} 2>&1 && echo proven || :`, sent: proof.sent, signal })
  const said = proven.split('\n').at(-1) ?? ''
  const refused = `sudo does not let the SSH user run commands as ${sudo.user}: ${said}`
  throwObstacle(session, { path, found: said === 'proven' ? '' : 'refused', refused })
  const underSudo = (script: string) => {
    const wrap = sudoWrap(sudo)
    return { script: `exec ${wrap.command} sh -c ${shellQuote(wrap.firstCommand + script)}`, sent: wrap.sent }
  }
  const look = `command -v socat >/dev/null || { echo socat; exit; }\ntest -S ${shellQuote(path)} || echo missing`
  throwObstacle(session, { path, found: await askBox(session, { ...underSudo(look), signal }), refused })
  const { script, sent } = underSudo(`exec socat - UNIX-CONNECT:${path}`)
  const stream = await session.openScript(script, signal)
  stream.write(sent)
  return stream
}

interface Found {
  path: string
  found: string
  refused: string
}

function throwObstacle({ target: { name } }: SshSession, { path, found, refused }: Found): void {
  const fail = (code: ErrorCode, what: string) =>
    new VesemirError(code, `${name}: ${what}`, { details: { host: name } })
  if (found === 'refused') throw fail('LOAD_BALANCER_PERMISSION', refused)
  if (found === 'socat') throw fail('LOAD_BALANCER_UNREACHABLE', 'socat is not installed')
  if (found === 'missing') throw fail('LOAD_BALANCER_UNREACHABLE', `no socket at ${path}`)
}
