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

/** Says what was tried, one on each line, and under what is not well how to mend it. */
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
    failed === 0 ? [toned('all is well', 'good')] : [toned(`${failed} of ${checks.length} are not well`, 'bad')],
  ]
}

function sign(ok: boolean): Part {
  return ok ? toned('✓ ', 'good') : toned('✗ ', 'bad')
}

/** Sets servers that are noted as taken out of rotation in a table, with what is to be thought of each. */
export function findingLines(findings: readonly BalancerFinding[], { timeZone }: { timeZone?: string } = {}): Text[] {
  return table(
    ['server', 'host', 'now', 'taken out by', 'at', 'verdict', 'done'],
    findings.map(({ server, host, state, deployment, notedAt, verdict, action, detail }) => [
      [strong(`${server.box}/${server.backend}/${server.server}`)],
      [host],
      [state ? describeServer(state) : quiet('not known')],
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
