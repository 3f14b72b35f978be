using System.Net;
using System.Net.Sockets;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("Storage:DataFolder", " ")]
    [InlineData("Storage:MaxQueuedWrites", "0")]
    [InlineData("Storage:MaxQueuedWrites", "many")]
    [InlineData("Storage:LockTimeoutSeconds", "61")]
    [InlineData("Accounts:SigningKey", "not base64!")]
    [InlineData("Accounts:SigningKey", "")]
    [InlineData("Accounts:SigningKey", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMQ==")]
    [InlineData("Accounts:PreviousSigningKey", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")]
    [InlineData("Accounts:TokenLifetime", "00:00:00")]
    [InlineData("Accounts:TokenLifetime", "-1")]
    [InlineData("Accounts:TokenLifetime", "a day")]
    [InlineData("Accounts:SessionLifetime", "00:00:00")]
    [InlineData("Accounts:SessionLifetime", "a month")]
    [InlineData("Accounts:Registration", "private")]
    [InlineData("Accounts:Registration", "")]
    [InlineData("Accounts:BcryptCost", "3")]
    [InlineData("Accounts:BcryptCost", "17")]
    [InlineData("Accounts:BcryptCost", "eleven")]
    [InlineData("Cors:AllowedOrigins:0", "chat.example.org")]
    [InlineData("Cors:AllowedOrigins:0", "https://chat.example.org/")]
    [InlineData("Cors:AllowedOrigins:0", "*")]
    [InlineData("Cors:AllowedOrigins", "https://chat.example.org;*")]
    [InlineData("Cors:AllowedOrigins", "capacitor:/localhost")]
    [InlineData("Cors:AllowedOrigins", "https://chat.example.org,https://b.example")]
    [InlineData("Limits:Enabled", "often")]
    [InlineData("Limits:MaxBodyBytes", "0")]
    [InlineData("Limits:MaxFrameBytes", "100")]
    [InlineData("Limits:MaxConnectionsPerUser", "0")]
    [InlineData("Limits:MaxConnections", "-1")]
    [InlineData("Limits:MaxJoinedConversations", "0")]
    [InlineData("Limits:MaxParticipants", "1")]
    [InlineData("Limits:FramesPer10s", "0")]
    [InlineData("Limits:MessagesPer10s", "1000001")]
    [InlineData("Limits:RequestsPer10sPerUser", "0")]
    [InlineData("Limits:RequestsPer10sPerAddress", "many")]
    [InlineData("Limits:TrustedProxies", "proxy.example.org")]
    [InlineData("Limits:TrustedProxies", "10.1")]
    [InlineData("Limits:TrustedProxies", "10.0.0.7/8")]
    [InlineData("Limits:TrustedProxies:0", "10.0.0.0/33")]
    [InlineData("Delivery:MaxQueuedBytesPerConnection", "1")]
    [InlineData("Storage:Provider", "MySql")]
    [InlineData("Storage:ConnectionString", "Host=127.0.0.1")]
    [InlineData("Backplane:Redis", " ")]
    [InlineData("Backplane:Redis", "127.0.0.1:6379")]
    [InlineData("Backplane:Prefix", "")]
    [InlineData("Metrics:Url", "")]
    [InlineData("Metrics:Url", "9464")]
    [InlineData("Metrics:Url", "https://127.0.0.1:9464")]
    [InlineData("Kestrel:Endpoints:Chat:Url", "nonsense")]
    [InlineData("urls", "nonsense")]
    [InlineData("urls", "ftp://127.0.0.1:0")]
    [InlineData("urls", "http://127.0.0.1:99999")]
    public async Task WrongValuePreventsStartAndIsNamed(string setting, string value)
    {
        using var folder = new TemporaryFolder();
        var refusal = await ServerProcess.RefusalAsync(folder.Path, "--" + setting, value);

        Assert.Contains(setting.TrimEnd('0', ':'), refusal, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("Storage:DataFoldr")]
    [InlineData("Accounts:Cost")]
    [InlineData("Cors:Origins")]
    [InlineData("Delivery:Nothing")]
    public async Task UnknownSettingPreventsStartAndIsNamed(string setting)
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { [setting.Replace(":", "__", StringComparison.Ordinal)] = "1" };
        await using var server = ServerProcess.Start(folder.Path, environment);
        var (exitCode, errors) = await server.ExitAsync();

        Assert.Equal(78, exitCode);
        Assert.Contains(setting, errors, StringComparison.Ordinal);
        Assert.Equal(64, (await ServerProcess.RunAsync(folder.Path, "--" + setting, "1")).ExitCode);
    }

    [Fact]
    public async Task ListGivenTwicePreventsStartAndIsNamed()
    {
        using var folder = new TemporaryFolder();
        var refusal = await ServerProcess.RefusalAsync(
            folder.Path, "--Limits:TrustedProxies", "10.0.0.7", "--Limits:TrustedProxies:0", "10.0.0.8");
        Assert.Contains("Limits:TrustedProxies", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnvironmentVariableSetsSetting()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["Accounts__BcryptCost"] = "3" };
        await using var server = ServerProcess.Start(folder.Path, environment);
        var (exitCode, errors) = await server.ExitAsync();

        Assert.Equal(78, exitCode);
        Assert.Contains("Accounts:BcryptCost", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnusableDataFolderPreventsStartAndIsNamed()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "");

        var refusal = await ServerProcess.RefusalAsync(folder.Path, "--Storage:DataFolder", Path.Combine(file, "data"));
        Assert.Contains("Storage:DataFolder", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls")]
    [InlineData("--Metrics:Url")]
    public async Task TakenAddressPreventsStartAndIsNamed(string setting)
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://{taken.LocalEndpoint}";

        Assert.Contains(url, await ServerProcess.RefusalForNowAsync(folder.Path, setting, url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MetricsAtTheServersOwnPortAreRefused()
    {
        using var folder = new TemporaryFolder();
        var port = FreePorts.Next();

        var refusal = await ServerProcess.RefusalAsync(
            folder.Path, "--urls", $"http://localhost:{port}", "--Metrics:Url", $"http://127.0.0.1:{port}");
        Assert.Contains("Metrics:Url needs its own port", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForeignAddressPreventsStartAndIsNamed()
    {
        using var folder = new TemporaryFolder();
        // 192.0.2.0/24 is for documentation. At the start of a machine its address can still be missing.
        var refusal = await ServerProcess.RefusalForNowAsync(folder.Path, "--urls", "http://192.0.2.1:8080");
        Assert.Contains("urls", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvalidSettingsFilePreventsStartAndIsNamed()
    {
        using var folder = new TemporaryFolder();
        var name = Path.GetRandomFileName();
        var file = Path.Combine(AppContext.BaseDirectory, $"appsettings.{name}.json");
        await File.WriteAllTextAsync(file, "{");
        try
        {
            var refusal = await ServerProcess.RefusalAsync(folder.Path, "--environment", name);
            Assert.Contains(file, refusal, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
