// Before the first paint, so that no page flashes in the other theme. A file, because the CSP allows no inline script.
;(() => {
  const root = document.documentElement
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    let chosen = 'system'
    try {
      chosen = localStorage.getItem('pb.theme') ?? 'system'
    } catch {
      // A browser that keeps nothing follows the system.
    }
    root.dataset.theme = chosen === 'light' || chosen === 'dark' ? chosen : dark.matches ? 'dark' : 'light'
  }
  apply()
  dark.addEventListener('change', apply)
  addEventListener('pb-theme', apply)
  addEventListener('storage', apply)
})()
