import { useQueryClient } from '@tanstack/react-query'
import { FolderPlus } from 'lucide-react'
import { useState } from 'react'
import { createFolder, folderQueries } from '../../api/folders'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { useToast } from '../../ui/toast'
import { InlineName } from './inline-name'

export function NewFolder() {
  const { t } = useTranslation('sidebar')
  const queries = useQueryClient()
  const show = useToast()
  const [isNaming, setIsNaming] = useState(false)
  if (isNaming) {
    const save = (name: string) =>
      void createFolder(name).then(
        () => queries.invalidateQueries({ queryKey: folderQueries.all() }),
        (error: Error) => show({ tone: 'bad', text: error.message }),
      )
    return <InlineName label={t('folderName')} value="" onSave={save} onEnd={() => setIsNaming(false)} />
  }
  return (
    <Button look="ghost" size="small" className="mt-3 text-muted" onClick={() => setIsNaming(true)}>
      <FolderPlus aria-hidden="true" className="size-4" />
      {t('newFolder')}
    </Button>
  )
}
