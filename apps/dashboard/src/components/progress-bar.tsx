import type { HostCounts } from '@vesemir/contract'
import type { Tone } from '@vesemir/words'

/** Shows how many hosts are in which state, as parts of a bar; the words for it stand beside it. */
export function ProgressBar({ counts, label }: { counts: HostCounts; label: string }) {
  const parts: [Tone, number][] = [
    ['good', counts.succeeded],
    ['back', counts['rolled-back']],
    ['waiting', counts.skipped],
    ['bad', counts.failed + counts.unreachable],
    ['active', counts.running],
  ]
  return (
    <div className="progress" role="img" aria-label={label}>
      {parts.map(([tone, hosts]) => hosts > 0 && <span key={tone} data-tone={tone} style={{ flexGrow: hosts }} />)}
      <span style={{ flexGrow: counts.pending }} />
    </div>
  )
}
