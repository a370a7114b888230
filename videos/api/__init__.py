"""The REST door: OpenAI's Videos API over our library. Mounted by `videos.urls` alone."""
