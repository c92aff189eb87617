"""Pictures and documents: from hostile base64 to immutable files a browser likes.

`studio` is the way in. It runs in the daemon and never decodes a pixel: `worker` does, in
processes that may hang or crash without harm. Everything the two say to each other is in `wire`.
"""
