import type { ApplicationEnvironment } from '@vesemir/core'
import { badgeLink, describeBadgeReaders } from '@vesemir/words'
import { CopyButton } from './copy-button.tsx'

/** The badge of an environment as others show it, with its Markdown to copy and who sees it. */
export function Badge({ place }: { place: ApplicationEnvironment }) {
  const { application, environment } = place
  const { url, markdown } = badgeLink(place, location.origin)
  return (
    <section className="buttons" aria-label="Badge">
      <img src={url} height={20} alt={`Badge of ${application} in ${environment}`} />
      <CopyButton key={url} what="the Markdown of the badge" textOf={() => markdown} />
      <span className="sub">
        {`Copies Markdown for a README or wiki. ${describeBadgeReaders(place)} `}
        <a href="/help/how-to/badge">Show it to everyone</a>
      </span>
    </section>
  )
}
