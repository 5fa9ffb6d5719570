import type { BalancerFinding, DoctorCheck } from '@vesemir/contract'
import { hintLines } from './failure.ts'
import { describeServer } from './servers.ts'
import { table } from './table.ts'
import { bold, dim, painted, type Line, type Span } from './text.ts'
import { dayAndTime } from './time.ts'

/** Says what was tried, one on each line, and under what is not well how to mend it. */
export function checkLines(checks: readonly DoctorCheck[]): Line[] {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length))
  const targetWidth = Math.max(...checks.map(({ target }) => target.length))
  const failed = checks.filter(({ ok }) => !ok).length
  return [
    ...checks.flatMap((check): Line[] => [
      [sign(check.ok), bold(check.name.padEnd(nameWidth)), '  ', check.target.padEnd(targetWidth), '  ', check.detail],
      ...(check.ok ? [] : hintLines(check, {}).map((line): Line => ['  ', ...line])),
    ]),
    [],
    failed === 0 ? [painted('all is well', 'green')] : [painted(`${failed} of ${checks.length} are not well`, 'red')],
  ]
}

function sign(ok: boolean): Span {
  return ok ? painted('✓ ', 'green') : painted('✗ ', 'red')
}

/** Sets servers that are noted as taken out of rotation in a table, with what is to be thought of each. */
export function findingLines(findings: readonly BalancerFinding[], { timeZone }: { timeZone?: string } = {}): Line[] {
  return table(
    ['server', 'host', 'now', 'taken out by', 'at', 'verdict', 'done'],
    findings.map(({ server, host, state, deployment, notedAt, verdict, action, detail }) => [
      [bold(`${server.box}/${server.backend}/${server.server}`)],
      [host],
      [state ? describeServer(state) : dim('not known')],
      [deployment],
      [dayAndTime(notedAt, timeZone)],
      [verdicts[verdict]],
      [painted(actions[action], action === 'failed' ? 'red' : undefined), detail === undefined ? '' : `: ${detail}`],
    ]),
  )
}

const verdicts: Record<BalancerFinding['verdict'], string> = {
  'left-out': 'left out by Vesemir',
  reduced: 'left at a reduced weight by Vesemir',
  'in-use': 'in hand',
  back: 'back in rotation',
  changed: 'changed by someone else',
  unknown: 'its box does not answer',
}

const actions: Record<BalancerFinding['action'], string> = {
  none: 'nothing',
  restorable: '--fix would put it back',
  restored: 'put back',
  failed: 'could not be put back',
}
