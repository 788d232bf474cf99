"""One picture takes the colours of another: one way a file, all of them `ColourTransfer`s."""
