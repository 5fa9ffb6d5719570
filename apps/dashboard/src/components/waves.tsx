import type { Deployment, DeploymentView, GateSettings, HostRecord, PlannedWave } from '@vesemir/contract'
import { count, hostStatuses, type Tone } from '@vesemir/words'
import { Fragment, memo, type MouseEvent } from 'react'
import { Mark } from './mark.tsx'

interface WavesProps {
  view: DeploymentView
  onHost: (host: string) => void
}

/** The waves in their order with the gates between them; each host is a square, and hundreds of them fit. */
export function Waves({ view: { deployment, hosts }, onHost }: WavesProps) {
  const waves = deployment.plan?.waves ?? []
  return (
    <ol className="waves" aria-label="Waves">
      {waves.map((wave, index) => {
        const number = index + 1
        return (
          <Fragment key={number}>
            {number === 1 && <GateAfter wave={0} deployment={deployment} />}
            <Wave
              number={number}
              wave={wave}
              hosts={hosts.filter((host) => host.wave === number)}
              isOnly={waves.length === 1}
              onHost={onHost}
            />
            {number < waves.length && <GateAfter wave={number} deployment={deployment} />}
          </Fragment>
        )
      })}
    </ol>
  )
}

interface WaveProps {
  number: number
  wave: PlannedWave
  hosts: readonly HostRecord[]
  isOnly: boolean
  onHost: (host: string) => void
}

function Wave({ number, wave, hosts, isOnly, onHost }: WaveProps) {
  const ended = hosts.filter(({ state }) => 'endedAt' in state).length
  // The squares are a picture of the table below, where each host can be reached by keyboard.
  const open = ({ target }: MouseEvent) => {
    const host = (target as Element).closest('[data-host]')?.getAttribute('data-host')
    if (host) onHost(host)
  }
  return (
    <li className="wave" data-over={ended === hosts.length || undefined}>
      <p className="wave-name">
        <strong>{isOnly ? 'All hosts' : `Wave ${number}`}</strong>
        {wave.zone !== undefined && <span> {wave.zone}</span>}
        <span className="sub">
          {`${ended} of ${count(hosts.length, 'host')}`}
          {wave.concurrency < hosts.length && `, ${wave.concurrency} at a time`}
        </span>
      </p>
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- see above */}
      <div className="squares" aria-hidden="true" onClick={open}>
        {hosts.map((host) => (
          <Square key={host.target.name} name={host.target.name} tone={hostStatuses[host.state.status].tone} />
        ))}
      </div>
    </li>
  )
}

const Square = memo(function Square({ name, tone }: { name: string; tone: Tone }) {
  return (
    <span className="square" data-host={name} data-tone={tone} title={name}>
      <Mark tone={tone} />
    </span>
  )
})

/** The gate after a wave, or before the first: none, a pause, or an approval. */
function GateAfter({ wave, deployment }: { wave: number; deployment: Deployment }) {
  const gates = deployment.spec.rollout.gates.filter(({ afterWave }) => afterWave === wave)
  if (gates.length === 0) return null
  const { state, gatesPassed } = deployment
  const isHere = state.status === 'gated' && state.gate.kind !== 'failure' && state.gate.afterWave === wave
  const tone: Tone = isHere ? 'waiting' : gatesPassed >= wave ? 'good' : 'idle'
  const words = { waiting: 'waiting', good: 'passed', idle: 'not reached' }[tone]
  return (
    <li className="gate" data-tone={tone}>
      <Mark tone={tone} />
      {gates.map(describeGateSettings).join(', ')}
      <span className="sub">{words}</span>
    </li>
  )
}

function describeGateSettings({ wait, approvals }: GateSettings): string {
  if (wait !== 'approval') return `Pause ${wait}`
  return approvals > 1 ? `${approvals} approvals` : 'Approval'
}
