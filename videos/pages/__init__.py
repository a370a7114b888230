"""The pages of the library and their fragments, behind sign-in.

Each view finds what belongs to the person, calls one action or reads, and renders. With htmx it
answers fragments, without it redirects or whole pages; either works.
"""
