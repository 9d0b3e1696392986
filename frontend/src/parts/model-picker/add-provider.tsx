import { Link } from '@tanstack/react-router'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'

/** The next step where there are no models; only administrators can take it. */
export function AddProvider({ hasProviders }: { hasProviders: boolean }) {
  const { t } = useTranslation('picker')
  if (!isAdmin(useMe())) return <p className="text-13 text-muted">{t('empty.askAdmin')}</p>
  return (
    <>
      {hasProviders && (
        <Button asChild>
          <Link to="/admin/providers">{t('empty.seeProviders')}</Link>
        </Button>
      )}
      <Button asChild look="primary">
        <Link to="/admin/providers/new">{t('empty.addProvider')}</Link>
      </Button>
    </>
  )
}
