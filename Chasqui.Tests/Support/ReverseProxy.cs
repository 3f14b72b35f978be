using System.Globalization;
using System.Text.RegularExpressions;

namespace Chasqui.Tests.Support;

/// <summary>A reverse proxy of the machine with a configuration of the documents. Only its addresses and folders are replaced.</summary>
internal sealed partial class ReverseProxy : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _port = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
    private GuardedProcess? _process;

    private ReverseProxy()
    {
    }

    /// <summary>The address of the proxy, without a slash at its end.</summary>
    public string Url => "http://" + Address;

    private string Address => "127.0.0.1:" + _port;

    /// <summary>Runs nginx with the text of a file in <c>conf.d</c>.</summary>
    public static Task<ReverseProxy> NginxAsync(string site) => NginxWithAsync($"events {{ }}\nhttp {{\n{site}\n}}");

    /// <summary>Runs nginx with the text of a whole configuration.</summary>
    public static Task<ReverseProxy> NginxWithAsync(string configuration) => StartAsync(proxy =>
    {
        var folders = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }
            .Select(part => $"\n{part}_temp_path {proxy._folder.Path}/{part};"));
        var file = proxy.Write(configuration
            .Replace("listen 80;", $"listen {proxy.Address};", StringComparison.Ordinal)
            .Replace("/var/log/nginx", proxy._folder.Path, StringComparison.Ordinal)
            .Replace("http {", "http {" + folders, StringComparison.Ordinal));
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        return ["nginx", "-p", proxy._folder.Path, "-e", "error.log", "-c", file, "-g", $"daemon off; pid {proxy._folder.Path}/pid; {user}"];
    });

    public static Task<ReverseProxy> CaddyAsync(string site) => StartAsync(proxy => [
        "env", "XDG_DATA_HOME=" + proxy._folder.Path, "XDG_CONFIG_HOME=" + proxy._folder.Path, "caddy", "run", "--adapter", "caddyfile", "--config",
        proxy.Write("{\nadmin off\n}\n" + site.Replace("chat.example.org", proxy.Url, StringComparison.Ordinal)),
    ]);

    public static Task<ReverseProxy> ApacheAsync(string site) => StartAsync(proxy =>
    {
        var modules = new[] { "mpm_event", "authz_core" }.Concat(EnabledModules().Match(site).Groups[1].Value.Split(' '));
        var file = proxy.Write($"""
            {string.Join('\n', modules.Select(module => $"LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so"))}
            Define APACHE_LOG_DIR {proxy._folder.Path}
            DefaultRuntimeDir {proxy._folder.Path}
            PidFile {proxy._folder.Path}/pid
            ErrorLog {proxy._folder.Path}/error.log
            ServerName localhost
            Listen {proxy.Address}
            {(Environment.IsPrivilegedProcess ? "User daemon\nGroup daemon" : "")}
            {site.Replace("*:80", proxy.Address, StringComparison.Ordinal)}
            """);
        return ["apache2", "-d", proxy._folder.Path, "-f", file, "-D", "FOREGROUND"];
    });

    /// <summary>Its logs, once it has ended.</summary>
    public string Logs { get; private set; } = "";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.EndAsync();
            await _process.DisposeAsync();
            _process = null;
            Logs = string.Concat(Directory.GetFiles(_folder.Path, "*.log").Select(File.ReadAllText));
            _folder.Dispose();
        }
    }

    private static async Task<ReverseProxy> StartAsync(Func<ReverseProxy, string[]> command)
    {
        var proxy = new ReverseProxy();
        try
        {
            proxy._process = await GuardedProcess.StartAsync("TERM", proxy._folder.Path, new Uri(proxy.Url), command(proxy));
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    private string Write(string configuration)
    {
        var file = Path.Combine(_folder.Path, "configuration");
        File.WriteAllText(file, configuration);
        return file;
    }

    [GeneratedRegex("^# a2enmod (.+)$", RegexOptions.Multiline)]
    private static partial Regex EnabledModules();
}
