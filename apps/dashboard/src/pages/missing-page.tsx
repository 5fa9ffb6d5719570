import { PageTitle } from '../components/page-title.tsx'
import { Link } from '../navigation.tsx'

/** Shown for an address that no page has. */
export function MissingPage() {
  return (
    <>
      <PageTitle title="Page not found" />
      <p>
        No page at this address. <Link href="/deployments">All deployments</Link>
      </p>
    </>
  )
}
