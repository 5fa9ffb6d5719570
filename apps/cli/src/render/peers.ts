import type { BackendPeers, DeploymentSpec, PeersSum } from '@vesemir/contract'
import { isTcp, ratesOf, type Rates } from '@vesemir/core'
import { describePeersVerdict, formatTime, peersRates, quiet, strong, toPlainText, type Text } from '@vesemir/words'
import { table } from './table.ts'

interface Options {
  spec: DeploymentSpec
  timeZone: string | undefined
}

/** Shows for each backend a row for each set of updated hosts, beside the servers of the old version, and what the judge makes of them. */
export function peersLines(stages: readonly PeersSum[], options: Options): Text[] {
  const backends = Map.groupBy(
    stages.flatMap((stage) => stage.backends.map((compared) => ({ ...compared, stage }))),
    ({ backend }) => backend,
  )
  return [...backends].flatMap(([backend, compared]) => [
    [],
    [strong(backend), '  updated servers / old version; sessions and requests by server'],
    ...figuresTable(compared, options),
    ...verdicts(compared, options),
  ])
}

interface Compared extends BackendPeers {
  stage: PeersSum
}

function figuresTable(compared: readonly Compared[], { timeZone }: Options): Text[] {
  const rates = peersRates({ isTcp: compared.some(isTcp) })
  const rows = compared.map(({ stage, updated, peers }): Text[] => {
    const [own, others] = [updated, peers].map((side) => ratesOf(side, stage.lengthMs)) as [Rates, Rates]
    return [
      [formatTime(stage.since, timeZone)],
      [`${updated.servers} / ${peers.servers}`],
      ...rates.map(({ rate, format }): Text => {
        const [ownRate, othersRate] = [own[rate], others[rate]].map((value) =>
          value === undefined ? '?' : format(value),
        )
        return [`${ownRate} / ${othersRate}`]
      }),
    ]
  })
  return table(['since', 'servers', ...rates.map(({ short }) => short)], rows)
}

/** What it makes of one set after another is said where that changes. */
function verdicts(compared: readonly Compared[], { spec, timeZone }: Options): Text[] {
  const said = compared.map((backend) => describePeersVerdict(backend, spec).verdict)
  const texts = said.map(toPlainText)
  return said.flatMap((verdict, index): Text[] => {
    if (index > 0 && texts[index] === texts[index - 1]) return []
    const since = quiet(`since ${formatTime(compared[index]!.stage.since, timeZone)}: `)
    return [compared.length > 1 ? [since, ...verdict] : verdict]
  })
}
