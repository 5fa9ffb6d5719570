import { ApiError, type Convergence, type HostReason } from '@vesemir/contract'
import { describeNothingBehind, findMissed, type ApplicationEnvironment } from '@vesemir/core'
import { count } from '@vesemir/words'
import { useState } from 'react'
import { api } from '../api.ts'
import { navigate } from '../navigation.tsx'
import { Notice } from './notice.tsx'
import { Question } from './question.tsx'

/** What the hosts said, or that they have not yet. */
type Step = { is: 'idle' } | { is: 'asking' } | { is: 'found'; found: Convergence } | { is: 'failed'; error: ApiError }

/** The button that brings what should run to the hosts of an environment that are behind: it asks the hosts first, then the person. */
export function ConvergeHosts({ place, behind }: { place: ApplicationEnvironment; behind: number }) {
  const { application, environment } = place
  const [step, setStep] = useState<Step>({ is: 'idle' })
  const attempt = (act: () => Promise<void>) => {
    setStep({ is: 'asking' })
    void act().catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error
      setStep({ is: 'failed', error })
    })
  }
  const ask = async () =>
    setStep({ is: 'found', found: await api.converge(application, { environment, dryRun: true }) })
  const start = async (reason: string | undefined) => {
    const found = await api.converge(application, { environment, ...(reason === undefined ? {} : { reason }) })
    if (found.id === undefined) return setStep({ is: 'found', found })
    navigate(`/deployments/${found.id}`)
  }
  return (
    <>
      <button disabled={step.is === 'asking'} onClick={() => attempt(ask)}>
        {step.is === 'asking' ? 'Asking the hosts…' : `Converge ${count(behind, 'host')}…`}
      </button>
      {step.is === 'failed' && <Notice tone="bad" title="Failed to converge" error={step.error} />}
      {step.is === 'found' && (
        <ConvergeQuestion
          place={place}
          found={step.found}
          onNo={() => setStep({ is: 'idle' })}
          onYes={(reason) => attempt(() => start(reason))}
        />
      )}
    </>
  )
}

interface ConvergeQuestionProps {
  place: ApplicationEnvironment
  found: Convergence
  onYes: (reason: string | undefined) => void
  onNo: () => void
}

function ConvergeQuestion({ place, found, onYes, onNo }: ConvergeQuestionProps) {
  const { version, since, only = { behind: [], leftOut: [], upToDate: 0 } } = found
  if (only.behind.length === 0)
    return (
      <Notice tone={findMissed(only).length > 0 ? 'waiting' : 'good'} title={describeNothingBehind(only, version)} />
    )
  return (
    <Question
      title={`Converge ${place.application} in ${place.environment}?`}
      yes={`Deploy to ${count(only.behind.length, 'host')}`}
      onYes={onYes}
      onNo={onNo}
    >
      <p>
        <strong>{version}</strong> should run on all hosts since {since}. These do not run it:
      </p>
      <HostReasons hosts={only.behind} />
      {only.leftOut.length > 0 && <p>Left out:</p>}
      <HostReasons hosts={only.leftOut} />
    </Question>
  )
}

/** How many hosts a question names. */
const mostNamed = 12

function HostReasons({ hosts }: { hosts: readonly HostReason[] }) {
  const more = hosts.length - mostNamed
  return (
    <ul>
      {hosts.slice(0, mostNamed).map(({ host, why }) => (
        <li key={host}>
          {host}: {why}
        </li>
      ))}
      {more > 0 && <li>and {more} more</li>}
    </ul>
  )
}
