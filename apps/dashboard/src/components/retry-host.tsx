import type { Deployment, HostRecord } from '@vesemir/contract'
import { canRetry, needsAttention } from '@vesemir/core'
import { useSession } from '../session.tsx'
import type { Steering } from './actions.tsx'

interface RetryHostProps {
  deployment: Deployment
  host: HostRecord
  steering: Steering
}

/** The button that retries one host, or why there is none yet. */
export function RetryHost({ deployment, host, steering }: RetryHostProps) {
  const { mayDeploy } = useSession()
  const { name } = host.target
  if (!needsAttention(host) || !mayDeploy) return null
  if (deployment.supersededBy) return null
  if (!canRetry(deployment, name))
    return <p className="hint">It can be retried when the hosts in progress have come to their end.</p>
  return (
    <button
      className="primary"
      disabled={steering.isBusy}
      onClick={() => steering.give({ command: 'retry', hosts: [name] })}
    >
      Retry {name}
    </button>
  )
}
