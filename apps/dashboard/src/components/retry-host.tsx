import type { DeploymentView, HostRecord } from '@vesemir/contract'
import { canRetry, needsAttention } from '@vesemir/core'
import { useState } from 'react'
import { useSession } from '../session.tsx'
import type { Steering } from './actions.tsx'
import { Ask, isQuestioned } from './ask.tsx'

interface RetryHostProps {
  view: DeploymentView
  host: HostRecord
  steering: Steering
}

/** The button that retries one host, or why the host cannot be retried yet. */
export function RetryHost({ view, host, steering }: RetryHostProps) {
  const { mayDeploy } = useSession()
  const [isAsked, setIsAsked] = useState(false)
  const { deployment } = view
  const { name } = host.target
  if (!needsAttention(host) || !mayDeploy) return null
  if (deployment.supersededBy) return null
  if (!canRetry(deployment, name))
    return <p className="hint">{`${name} can be retried when the hosts in progress have finished.`}</p>
  const asks = isQuestioned('retry', view)
  const retry = () => steering.send({ command: 'retry', hosts: [name] })
  return (
    <>
      <button
        className="primary"
        disabled={steering.isBusy}
        onClick={() => {
          if (asks) setIsAsked(true)
          else retry()
        }}
      >
        Retry {name}
        {asks && '…'}
      </button>
      {isAsked && (
        <Ask
          command="retry"
          view={view}
          host={host}
          onNo={() => setIsAsked(false)}
          onYes={(command) => {
            setIsAsked(false)
            steering.send(command)
          }}
        />
      )}
    </>
  )
}
