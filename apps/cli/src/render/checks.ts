import type { BalancerFinding, DoctorCheck } from '@vesemir/contract'
import {
  describeHint,
  describeServer,
  formatDateTime,
  quiet,
  strong,
  toned,
  type Part,
  type Text,
} from '@vesemir/words'
import { table } from './table.ts'

/** Lists checks, one on each line, and under a failed one how to fix it. */
export function checkLines(checks: readonly DoctorCheck[]): Text[] {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length))
  const targetWidth = Math.max(...checks.map(({ target }) => target.length))
  const failed = checks.filter(({ ok }) => !ok).length
  return [
    ...checks.flatMap((check): Text[] => [
      [
        sign(check.ok),
        strong(check.name.padEnd(nameWidth)),
        '  ',
        check.target.padEnd(targetWidth),
        '  ',
        check.detail,
      ],
      ...(check.ok ? [] : describeHint(check).map((line): Text => ['  ', ...line])),
    ]),
    [],
    failed === 0 ? [toned('All checks passed', 'good')] : [toned(`${failed} of ${checks.length} checks failed`, 'bad')],
  ]
}

function sign(ok: boolean): Part {
  return ok ? toned('✓ ', 'good') : toned('✗ ', 'bad')
}

/** Lists servers that Vesemir took out of rotation, each with a verdict. */
export function findingLines(findings: readonly BalancerFinding[], { timeZone }: { timeZone?: string } = {}): Text[] {
  return table(
    ['server', 'host', 'now', 'taken out by', 'at', 'verdict', 'done'],
    findings.map(({ server, host, state, deployment, notedAt, verdict, action, detail }) => [
      [strong(`${server.box}/${server.backend}/${server.server}`)],
      [host],
      [state ? describeServer(state) : quiet('unknown')],
      [deployment],
      [formatDateTime(notedAt, timeZone)],
      [verdicts[verdict]],
      [
        action === 'failed' ? toned(actions[action], 'bad') : actions[action],
        detail === undefined ? '' : `: ${detail}`,
      ],
    ]),
  )
}

const verdicts: Record<BalancerFinding['verdict'], string> = {
  'left-out': 'left out by Vesemir',
  reduced: 'left at a reduced weight by Vesemir',
  'in-use': 'in progress',
  back: 'back in rotation',
  changed: 'changed by someone else',
  unknown: 'box does not answer',
}

const actions: Record<BalancerFinding['action'], string> = {
  none: 'nothing',
  restorable: 'restorable with --fix',
  restored: 'restored',
  failed: 'not restored',
}
