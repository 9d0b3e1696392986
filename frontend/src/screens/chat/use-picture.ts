import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { attachmentQueries } from '../../api/attachments'

/** An address under which the page can show a picture; the gateway gives its bytes only to whom they belong. */
export function usePicture(id: string): { url: string | null; failed: boolean } {
  const { data, isError } = useQuery(attachmentQueries.bytes(id))
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    if (data === undefined) return
    const made = URL.createObjectURL(data)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [data])
  return { url, failed: isError }
}
