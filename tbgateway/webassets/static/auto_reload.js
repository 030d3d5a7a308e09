// An open page shows what is added to its board, unless somebody has switched that off.
//
// TensorBoard keeps what people choose in its settings under this key. It leaves out what nobody
// chose, and takes that for "do not reload". What is there, true or false, is never touched.
(() => {
  const key = "_tb_global_settings";
  try {
    const chosen = JSON.parse(localStorage.getItem(key) ?? "{}");
    if (typeof chosen.autoReload !== "boolean") {
      localStorage.setItem(key, JSON.stringify({ ...chosen, autoReload: true }));
    }
  } catch {
    // No storage, or something else in it: the page works as TensorBoard made it.
  }
})();
