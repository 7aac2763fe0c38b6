// What WebGL says it is, and whether a canvas draws what it is told, twice alike.

export interface Graphics {
  vendor: string;
  renderer: string;
  steady: boolean;
  blank: boolean;
}

export function graphics(): Graphics {
  const { vendor, renderer } = chip();
  const one = draw();
  return { vendor, renderer, steady: one === draw(), blank: one === empty() };
}

function chip(): { vendor: string; renderer: string } {
  const gl = document.createElement("canvas").getContext("webgl");
  if (!gl) return { vendor: "", renderer: "" };
  const named = gl.getExtension("WEBGL_debug_renderer_info");
  const read = (name: number) => String(gl.getParameter(name) ?? "").slice(0, 512);
  return {
    vendor: read(named ? named.UNMASKED_VENDOR_WEBGL : gl.VENDOR),
    renderer: read(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER),
  };
}

function canvas(): HTMLCanvasElement {
  const found = document.createElement("canvas");
  found.width = 120;
  found.height = 30;
  return found;
}

function empty(): string {
  return canvas().toDataURL();
}

function draw(): string {
  const target = canvas();
  const pen = target.getContext("2d");
  if (!pen) return "";
  pen.font = "16px sans-serif";
  pen.fillStyle = "#1677ff";
  pen.fillRect(2, 2, 40, 20);
  pen.fillStyle = "#101010";
  pen.fillText("安付 Anfu", 6, 20);
  return target.toDataURL();
}
