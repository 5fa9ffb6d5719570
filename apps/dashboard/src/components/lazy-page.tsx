import { lazy, type ComponentType, type LazyExoticComponent, type ReactElement } from 'react'
import { Notice } from './notice.tsx'

/**
 * Makes a page that is loaded when it is first shown. It may be gone by then: the API has been upgraded since the first was loaded.
 */
export function lazyPage<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  const page = lazy(async () => {
    try {
      return { default: await load() }
    } catch {
      return { default: NotLoaded }
    }
  })
  loaders.set(page, () => void load().catch(() => {}))
  return page
}

/** Loads a page ahead, where it is one that is loaded when it is shown. */
export function preloadPage({ type }: ReactElement): void {
  loaders.get(type)?.()
}

const loaders = new Map<unknown, () => void>()

function NotLoaded() {
  return (
    <Notice tone="bad" title="Failed to load this page">
      <p>The API is not reachable, or has been upgraded since this page was opened.</p>
      <p>
        <button onClick={() => location.reload()}>Load again</button>
      </p>
    </Notice>
  )
}
