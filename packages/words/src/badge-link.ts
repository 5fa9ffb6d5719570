import type { OverviewPlace } from '@vesemir/contract'

type Place = Pick<OverviewPlace, 'application' | 'environment'>

/** Where a badge is, and what shows it in a README or a wiki. */
export interface BadgeLink {
  url: string
  markdown: string
}

/** Returns the address of an environment's badge, and the Markdown that shows it and leads to the application's page. `url` is the API's. */
export function badgeLink({ application, environment }: Place, url: string): BadgeLink {
  const base = url.replace(/\/$/, '')
  const image = `${base}/v1/applications/${application}/environments/${environment}/badge.svg`
  const page = `${base}/applications/${application}?environment=${environment}`
  return { url: image, markdown: `[![${application} in ${environment}](${image})](${page})` }
}

/** Says who sees a badge in a page. */
export function describeBadgeReaders({ application, environment }: Place): string {
  return `On pages of the same site, people who are signed in to Vesemir and may read ${application} in ${environment} see the badge.`
}
