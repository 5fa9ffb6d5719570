import { PageTitle } from '../components/page-title.tsx'
import { Link } from '../navigation.tsx'

/** Says that there is no page at this address. */
export function MissingPage() {
  return (
    <>
      <PageTitle title="Nothing here" />
      <p>
        There is no page at this address. <Link href="/">See the deployments</Link>
      </p>
    </>
  )
}
